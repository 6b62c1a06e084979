"""Probes reach public addresses, and private ones only where the settings say so."""

import pytest

from statuspage.probing.guard import NotAllowed, check_host, is_allowed, networks

PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1"]
SPECIAL = [
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.8.8.8", "169.254.169.254", "172.16.0.1", "172.31.255.255",
    "192.0.0.8", "192.168.1.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "100::1", "5f00::1",
    "::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2002:a00:1::",
    "2001:0:a00:1::f5ff:fffe", "2001:0:101:101::80ff:fffe",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address: str) -> None:
    assert is_allowed(address)


@pytest.mark.parametrize("address", SPECIAL)
def test_private_and_special_addresses_are_refused_also_inside_others(address: str) -> None:
    assert not is_allowed(address)


def test_the_settings_allow_just_the_networks_they_name() -> None:
    allow = networks(["127.0.0.1/32", "fd00:1::/32"])
    assert is_allowed("127.0.0.1", allow)
    assert is_allowed("::ffff:127.0.0.1", allow)
    assert is_allowed("fd00:1::5", allow)
    assert not is_allowed("127.0.0.2", allow)
    assert not is_allowed("10.0.0.1", allow)


def test_on_allows_everything_and_off_nothing() -> None:
    assert is_allowed("10.0.0.1", networks(["on"]))
    assert is_allowed("::1", networks(["on"]))
    assert not is_allowed("10.0.0.1", networks(["off"]))


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "2130706433", "0x7f.1", "0x7f000001", "127.1", "017700000001"])
def test_a_literal_address_and_a_number_in_disguise_are_refused(host: str) -> None:
    with pytest.raises(NotAllowed, match="private"):
        check_host(host)


@pytest.mark.parametrize("host", ["panel-a.example.com", "1.1.1.1", "3com.com"])
def test_names_pass_as_they_are_checked_at_each_connect(host: str) -> None:
    check_host(host)
