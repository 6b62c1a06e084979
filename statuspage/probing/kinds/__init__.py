"""The ways to look at a target, one module each, and what is wrong with a probe of any of them."""

from collections.abc import Iterator, Mapping
from typing import Any

from statuspage.errors import FieldError
from statuspage.i18n import noop
from statuspage.probing import guard, rules
from statuspage.probing.kinds import dns, heartbeat, http, ping, tcp, tls
from statuspage.probing.kinds.http_settings import Redirects
from statuspage.probing.kinds.shape import Looks, Settable
from statuspage.probing.rules import Kind, Wish

LOOKS: dict[Kind, Looks] = {Kind.HTTP: http, Kind.TCP: tcp, Kind.TLS: tls, Kind.DNS: dns, Kind.PING: ping}
KINDS: dict[Kind, Settable] = {**LOOKS, Kind.HEARTBEAT: heartbeat}
# What is as usual is not kept with a probe.
USUAL = {"method": "GET", "redirects": Redirects.NONE, "json_op": "=", "record": "A"}
PRIVATE = noop("Private and special addresses are probed only where STATUSPAGE_PROBE_ALLOW_PRIVATE says so.")
ODD = noop("Write the host as a plain name (in its xn-- form if it has letters beyond ASCII) or as a full address.")


def kept(kind: Kind, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings that a probe of this kind has and that say something: its `expect`."""
    given = {one: settings.get(one) for one in KINDS[kind].SETTINGS}
    return {one: value for one, value in given.items() if value not in (None, "", USUAL.get(one))}


def faults(wish: Wish, allow: tuple[guard.Network, ...]) -> tuple[FieldError, ...]:
    """All that is wrong with a wish, field by field; an address that must not be probed among it."""
    kind = KINDS[wish.kind]
    found = [*rules.faults(wish), *kind.faults(wish.target, wish.expect)]
    if found:
        return tuple(found)
    hosts = kind.hosts(wish.target, wish.expect)
    return tuple(error for field, host in hosts for error in _refused(field, host, allow))


def _refused(field: str, host: str, allow: tuple[guard.Network, ...]) -> Iterator[FieldError]:
    try:
        guard.check_host(host, allow)
    except guard.NotAllowed:
        yield FieldError(field, PRIVATE if guard.is_literal(host) else ODD)
