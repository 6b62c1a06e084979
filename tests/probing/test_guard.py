"""Probes reach public addresses, and private ones only where the settings say so."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as some

from statuspage.probing.guard import SPECIAL_4, NotAllowed, check_host, embedded, is_allowed, networks

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]
SPECIAL = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.8", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1",
    "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd12::1", "fd00:ec2::254", "ff02::1", "2001:db8::1",
    "3fff::1", "3ffe::1", "100::1", "5f00::1", "2001:10::1", "2001:2::1",
    "::ffff:127.0.0.1", "::127.0.0.1", "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "64:ff9b:1::101:101",
    "2002:7f00:1::1", "2002:a00:1::", "2001:0:a00:1::f5ff:fffe", "2001:0:101:101::80ff:fffe",
    "2606:4700::5efe:10.0.0.1", "2606:4700::200:5efe:127.0.0.1", "fe80::5efe:1.1.1.1", "2002:101:101::5efe:10.0.0.1",
]  # fmt: skip
HOSTILE = [
    "2130706433", "0x7f.1", "0x7f000001", "127.1", "127.0.1", "017700000001", "0177.0.0.1",
    "0177.0.0.01", "0x7f.0x0.0.1", "127.0.0.1.", "localhost.", "127.0.0.01", "1.1.1.1.1", "256.1.1.1",
    "1.1.1.", "fe80::1%eth0", "2606:4700::1111%1", "::ffff:0x7f.1", "[::1]", "[1.1.1.1]", "127。0。0。1",
    "①②⑦.0.0.1", "１２７.0.0.1", "ⓛocalhost", "ⅼocalhost", "exämple.com", "a@127.0.0.1",
    "user:secret@example.com", "example.com:80", "exa mple.com", "example.com\n", "\texample.com",
    "example.com\0", "example..com", ".example.com", "-example.com", "example-.com",
    "a" * 64 + ".com", "a." * 127 + "com", "", ".", "0x",
]  # fmt: skip
EMBEDDINGS: list[Callable[[int], int]] = [
    lambda inner: 0xFFFF << 32 | inner,
    lambda inner: inner,  # compatible
    lambda inner: 0xFFFF << 48 | inner,
    lambda inner: 0x64FF9B << 96 | inner,
    lambda inner: 0x64FF9B0001 << 80 | inner,
    lambda inner: 0x2002 << 112 | inner << 80 | 1,
    lambda inner: 0x20010000 << 96 | inner << 64 | (~0x01010101 & 0xFFFFFFFF),
    lambda inner: 0x20010000 << 96 | 0x01010101 << 64 | (~inner & 0xFFFFFFFF),
    lambda inner: 0x26064700 << 96 | 0x00005EFE << 32 | inner,
    lambda inner: 0x26064700 << 96 | 0x02005EFE << 32 | inner,
]


def inside(network: IPv4Network) -> some.SearchStrategy[int]:
    return some.integers(int(network[0]), int(network[-1]))


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("address", SPECIAL)
def test_private_and_special_addresses_are_refused_also_inside_others(address: str) -> None:
    assert not is_allowed(address)
    with pytest.raises(NotAllowed):
        check_host(address)


@given(some.sampled_from(SPECIAL_4).flatmap(inside))
def test_every_special_address_is_refused_bare_and_in_every_embedding(number: int) -> None:
    assert not is_allowed(str(IPv4Address(number)))
    for embed in EMBEDDINGS:
        assert not is_allowed(str(IPv6Address(embed(number))))


@given(some.integers(0, 2**32 - 1), some.sampled_from(EMBEDDINGS))
def test_what_is_inside_is_found(number: int, embed: Callable[[int], int]) -> None:
    outer = IPv6Address(embed(number))
    local = str(outer).startswith("64:ff9b:1:")
    assert local or int(outer) <= 1 or IPv4Address(number) in embedded(outer)


@given(some.integers(0, 2**128 - 1).filter(lambda number: number >> 125 != 1))
def test_no_address_outside_of_global_unicast_is_reached_but_a_wrapped_public_one(number: int) -> None:
    address = IPv6Address(number)
    assert not is_allowed(str(address)) or embedded(address)


def test_the_settings_allow_just_the_networks_they_name() -> None:
    allow = networks(["127.0.0.1/32", "fd00:1::/32"])
    assert is_allowed("127.0.0.1", allow)
    assert is_allowed("::ffff:127.0.0.1", allow)
    assert is_allowed("fd00:1::5", allow)
    assert not is_allowed("127.0.0.2", allow)
    assert not is_allowed("10.0.0.1", allow)
    assert not is_allowed("fd00:1::5efe:10.0.0.1", allow)


def test_on_allows_everything_and_off_nothing() -> None:
    assert is_allowed("10.0.0.1", networks(["on"]))
    assert is_allowed("::1", networks(["on"]))
    assert is_allowed("64:ff9b:1::a00:1", networks(["on"]))
    assert not is_allowed("10.0.0.1", networks(["off"]))


@pytest.mark.parametrize("host", HOSTILE)
@pytest.mark.parametrize("allow", ["off", "on"])
def test_odd_notations_are_refused_whatever_they_would_stand_for(host: str, allow: str) -> None:
    with pytest.raises(NotAllowed, match=r"plain name|private"):
        check_host(host, networks([allow]))


@pytest.mark.parametrize(
    "host", ["panel-a.example.com", "1.1.1.1", "3com.com", "xn--w-uga1v8h.pl", "localhost", "_a.example"]
)
def test_names_pass_as_they_are_checked_at_each_connect(host: str) -> None:
    check_host(host)
