"""The outermost WSGI layer: finished bytes by path and encoding; the rest goes on to Flask."""

from statuspage.front.asked import Hosts, Proxies
from statuspage.front.layer import Front
from statuspage.front.watch import Watch

__all__ = ["Front", "Hosts", "Proxies", "Watch"]
