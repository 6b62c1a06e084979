"""What can be set of a probe, and what is said at the field when it is wrong."""

from typing import Any

import pytest

from statuspage.probing.kinds import KINDS
from statuspage.probing.rules import Kind

RIGHT: list[tuple[str, str, dict[str, Any], list[str]]] = [
    ("http", "https://panel-a.example.com/health?x=1", {}, ["panel-a.example.com"]),
    ("http", "http://[2001:db8::1]:8080/", {"redirects": "any", "redirects_most": 10}, ["2001:db8::1"]),
    (
        "http",
        "https://a.example/",
        {"method": "POST", "headers": "X-Key: a: b\nAccept: */*", "body": "{}"},
        ["a.example"],
    ),
    ("http", "https://a.example/", {"json_path": "a.b[0]", "json_op": "<", "json_value": "1.5"}, ["a.example"]),
    ("tcp", "db.example.com:5432", {"send": r"PING\r\n", "answer": "PONG"}, ["db.example.com"]),
    ("tcp", "[2001:db8::1]:25", {}, ["2001:db8::1"]),
    ("tls", "mail.example.com:465", {"cert_days": 14}, ["mail.example.com"]),
    ("dns", "panel.example.com", {"record": "MX", "value": "mx.example", "resolver": "9.9.9.9"}, ["9.9.9.9"]),
    ("dns", "panel.example.com.", {"resolver": "[2620:fe::fe]:53"}, ["2620:fe::fe"]),
    ("dns", "panel.example.com", {}, []),
    ("ping", "panel.example.com", {"port": 443}, ["panel.example.com"]),
    ("ping", "2606:4700::1111", {}, ["2606:4700::1111"]),
    ("heartbeat", "", {"grace": 10}, []),
]
WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("http", "ftp://example.com/", {}, "/target"),
    ("http", "example.com", {}, "/target"),
    ("http", "http://user:secret@example.com/", {}, "/target"),
    ("http", "http://@example.com/", {}, "/target"),
    ("http", "http://example.com:99999/", {}, "/target"),
    ("http", "http://example.com:0/", {}, "/target"),
    ("http", "http://[::1/", {}, "/target"),
    ("http", "http://exa mple.com/", {}, "/target"),
    ("http", "http://example.com\\@127.0.0.1/", {}, "/target"),
    ("http", "http://example.com/\r\nX: y", {}, "/target"),
    ("http", "http://exam\tple.com/", {}, "/target"),
    ("http", "http://１２７.0.0.1/", {}, "/target"),
    ("http", "http:///x", {}, "/target"),
    ("http", "https://a.example/", {"statuses": "abc"}, "/statuses"),
    ("http", "https://a.example/", {"method": "BREW"}, "/method"),
    ("http", "https://a.example/", {"headers": "no colon"}, "/headers"),
    ("http", "https://a.example/", {"headers": "Host: other"}, "/headers"),
    ("http", "https://a.example/", {"headers": "Content-Length: 5"}, "/headers"),
    ("http", "https://a.example/", {"headers": "Bad Name: 5"}, "/headers"),
    ("http", "https://a.example/", {"headers": "X: a\x00b"}, "/headers"),
    ("http", "https://a.example/", {"headers": "X: y\n" * 2000}, "/headers"),
    ("http", "https://a.example/", {"body": "x" * 20_001}, "/body"),
    ("http", "https://a.example/", {"json_path": "a..b"}, "/json_path"),
    ("http", "https://a.example/", {"json_path": "a", "json_op": "~"}, "/json_op"),
    ("http", "https://a.example/", {"json_path": "a", "json_op": "<", "json_value": "x"}, "/json_value"),
    ("http", "https://a.example/", {"header_name": "X Y"}, "/header_name"),
    ("http", "https://a.example/", {"redirects": "some"}, "/redirects"),
    ("http", "https://a.example/", {"redirects_most": 11}, "/redirects_most"),
    ("http", "https://a.example/", {"cert_days": 0}, "/cert_days"),
    ("http", "https://a.example/", {"slow_ms": -1}, "/slow_ms"),
    ("tcp", "example.com", {}, "/target"),
    ("tcp", "example.com:80/path", {}, "/target"),
    ("tcp", "a@example.com:80", {}, "/target"),
    ("tcp", "", {}, "/target"),
    ("tcp", "a.example:1", {"send": "x" * 1001}, "/send"),
    ("tls", "mail.example.com", {}, "/target"),
    ("dns", "not a name", {}, "/target"),
    ("dns", "a.example", {"record": "ANY"}, "/record"),
    ("dns", "a.example", {"resolver": "ns.example.com"}, "/resolver"),
    ("dns", "a.example", {"resolver": "9.9.9.9:x"}, "/resolver"),
    ("dns", "a.example", {"resolver": "9.9.9.9/x"}, "/resolver"),
    ("ping", "a.example:80", {}, "/target"),
    ("ping", "127.1", {}, "/target"),
    ("ping", "a.example", {"port": 65_536}, "/port"),
    ("heartbeat", "", {"grace": -1}, "/grace"),
]


@pytest.mark.parametrize(("kind", "target", "expect", "hosts"), RIGHT)
def test_a_right_setting_passes_and_names_whom_it_connects_to(
    kind: str, target: str, expect: dict[str, Any], hosts: list[str]
) -> None:
    one = KINDS[Kind(kind)]
    assert list(one.faults(target, expect)) == []
    assert [host for _, host in one.hosts(target, expect)] == hosts
    assert set(expect) <= set(one.SETTINGS)


@pytest.mark.parametrize(("kind", "target", "expect", "path"), WRONG)
def test_a_wrong_setting_is_said_at_its_field_alone(kind: str, target: str, expect: dict[str, Any], path: str) -> None:
    assert [fault.path for fault in KINDS[Kind(kind)].faults(target, expect)] == [path]


def test_every_kind_has_its_module() -> None:
    assert set(KINDS) == set(Kind)
