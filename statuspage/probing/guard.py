"""Which addresses a probe may reach: public ones, and the private networks that the settings allow.

The table is ours: `ipaddress.is_global` misses addresses that carry another one inside (NAT64, 6to4, Teredo).
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

SPECIAL_4 = tuple(
    IPv4Network(words)
    for words in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
        "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
    )
)  # fmt: skip
UNICAST_6 = IPv6Network("2000::/3")
SPECIAL_6 = tuple(IPv6Network(words) for words in ("2001::/23", "2001:db8::/32", "3fff::/20"))
MAPPED = IPv6Network("::ffff:0:0/96")
COMPATIBLE = IPv6Network("::/96")
NAT64 = IPv6Network("64:ff9b::/96")
SIX_TO_FOUR = IPv6Network("2002::/16")
TEREDO = IPv6Network("2001::/32")
EVERYWHERE: tuple[Network, ...] = (IPv4Network("0.0.0.0/0"), IPv6Network("::/0"))


class NotAllowed(Exception):
    """The address must not be probed."""


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
    """Whether a probe may connect to a literal address. An address inside another is what counts."""
    found = ip_address(address.partition("%")[0])
    inner = embedded(found)
    return all(_may(one, allow) for one in inner) if inner else _may(found, allow)


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
    if address in TEREDO:  # the server, and the client with its bits turned
        return [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)]
    if address in SIX_TO_FOUR:
        return [IPv4Address(number >> 80 & 0xFFFFFFFF)]
    if any(address in network for network in (MAPPED, COMPATIBLE, NAT64)):
        return [IPv4Address(number & 0xFFFFFFFF)]
    return []


def check_host(host: str, allow: tuple[Network, ...] = ()) -> None:
    """Refuse a literal address that is not allowed, and numbers that only look like a name.

    A name passes: what it stands for is checked at each connect. Raises `NotAllowed`.
    """
    try:
        allowed = is_allowed(host, allow)
    except ValueError:
        # `2130706433` and `0x7f.1` are 127.0.0.1 to the resolver, and skip aiohttp's hook for it.
        last = host.rstrip(".").rpartition(".")[2].lower()
        allowed = not (last.isdigit() or last.startswith("0x"))
    if not allowed:
        raise NotAllowed(f"{host} is a private or special address")
