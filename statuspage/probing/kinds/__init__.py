"""The ways to look at a target, one module each."""

from statuspage.probing.kinds import dns, heartbeat, http, ping, tcp, tls
from statuspage.probing.kinds.shape import Looks, Settable
from statuspage.probing.rules import Kind

LOOKS: dict[Kind, Looks] = {Kind.HTTP: http, Kind.TCP: tcp, Kind.TLS: tls, Kind.DNS: dns, Kind.PING: ping}
KINDS: dict[Kind, Settable] = {**LOOKS, Kind.HEARTBEAT: heartbeat}
