"""Which addresses a probe may reach: public ones, and the private networks that the settings allow.

The table is ours: `ipaddress.is_global` misses addresses that carry another one inside (NAT64, 6to4, Teredo).
"""

import re
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from statuspage.probing.reasons import ODD_HOST, PRIVATE, say

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_4 = tuple(
    IPv4Network(words)
    for words in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "169.254.0.0/16",  # link-local, and the metadata of clouds
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocols
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Outside of it lie loopback, ULA, link-local, site-local, multicast, discard-only and all that is reserved.
UNICAST_6 = IPv6Network("2000::/3")
SPECIAL_6 = tuple(
    IPv6Network(words)
    for words in (
        "2001::/23",  # protocols: ORCHID, benchmarks, AMT
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
        "3ffe::/16",  # 6bone
    )
)
TEREDO = IPv6Network("2001::/32")
EVERYWHERE: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


def _at(shift: int) -> Callable[[int], list[IPv4Address]]:
    return lambda number: [IPv4Address(number >> shift & 0xFFFFFFFF)]


# Ways to write an IPv4 address as an IPv6 one, and where in its 128 bits it stands.
EMBEDDINGS: tuple[tuple[IPv6Network, Callable[[int], list[IPv4Address]]], ...] = (
    (IPv6Network("::ffff:0:0/96"), _at(0)),  # mapped
    (IPv6Network("::/96"), _at(0)),  # compatible
    (IPv6Network("::ffff:0:0:0/96"), _at(0)),  # translated
    (IPv6Network("64:ff9b::/96"), _at(0)),  # NAT64
    (IPv6Network("2002::/16"), _at(80)),  # 6to4
    # Teredo: the server, and the client with its bits turned.
    (TEREDO, lambda number: [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)]),
)
# NAT64 of a site's own: special by itself, and the length of its prefix, so the place inside, is not known to us.
LOCAL_NAT64 = IPv6Network("64:ff9b:1::/48")
ISATAP = (0x00005EFE, 0x02005EFE)
LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII | re.IGNORECASE)
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII | re.IGNORECASE)


class NotAllowed(PermissionError):
    """The address must not be probed. (An OSError: what connects for us passes those on.)"""


def networks(words: Iterable[str]) -> tuple[Network, ...]:
    """The allowed networks of the setting: `on` is all, `off` none."""
    found: list[Network] = []
    for word in words:
        if word.lower() == "on":
            return EVERYWHERE
        if word.lower() != "off":
            found.append(ip_network(word, strict=False))
    return tuple(found)


def is_allowed(address: str, allow: tuple[Network, ...] = ()) -> bool:
    """Whether a probe may connect to a literal address, and to each one that it carries inside."""
    found = ip_address(address.partition("%")[0])
    wrapped = isinstance(found, IPv6Address) and any(found in network for network, _ in EMBEDDINGS)
    inner: list[Address] = [*embedded(found)]
    # A mere wrapping has no place of its own; ISATAP and a site's own NAT64 are real addresses too.
    checked = inner if wrapped and inner else [found, *inner]
    return all(_may(one, allow) for one in checked)


def _may(address: Address, allow: tuple[Network, ...]) -> bool:
    if any(address in network for network in allow if network.version == address.version):
        return True
    if isinstance(address, IPv4Address):
        return not any(address in network for network in SPECIAL_4)
    return address in UNICAST_6 and not any(address in network for network in SPECIAL_6)


def embedded(address: Address) -> list[IPv4Address]:
    """The IPv4 addresses that an IPv6 address carries, if it is of a kind that does."""
    if isinstance(address, IPv4Address) or address in (IPv6Address("::"), IPv6Address("::1")):
        return []
    number = int(address)
    found = [inner for network, inside in EMBEDDINGS if address in network for inner in inside(number)]
    if number >> 32 & 0xFFFFFFFF in ISATAP:
        found.append(IPv4Address(number & 0xFFFFFFFF))
    return found


def check_host(host: str, allow: tuple[Network, ...] = ()) -> None:
    """Refuse a literal address that is not allowed, and whatever is neither a plain address nor a plain name.

    A name passes: what it stands for is checked at each connect. Raises `NotAllowed`.
    """
    try:
        allowed = "%" not in host and is_allowed(host, allow)
    except ValueError:
        if not is_plain_name(host):
            raise NotAllowed(say(ODD_HOST, host=host)) from None
        return
    if not allowed:
        raise NotAllowed(say(PRIVATE, address=host))


def check_address(address: str, allow: tuple[Network, ...] = ()) -> None:
    """The last look before a connect, at the very address. Raises `NotAllowed`."""
    if not is_allowed(address, allow):
        raise NotAllowed(say(PRIVATE, address=address))


def is_literal(host: str) -> bool:
    """Whether this is an address in its full notation."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def is_plain_name(host: str) -> bool:
    """A name of ASCII labels that no resolver takes for a number.

    `2130706433`, `0x7f.1` and `127.1` are 127.0.0.1 to the resolver, and skip aiohttp's hook for it.
    """
    labels = host.split(".")
    return len(host) <= 253 and all(map(LABEL.fullmatch, labels)) and not NUMBER.fullmatch(labels[-1])
