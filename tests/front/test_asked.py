"""Addresses and hosts that cannot be meant are refused, and no cache keeps the refusal."""

from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient

from statuspage.app import create_app
from statuspage.front import Hosts, Proxies
from statuspage.settings import Settings
from statuspage.web.site import Site

HOSTILE = [
    "/panels/..%2f..%2fetc/passwd",
    "/%00",
    "/panels/%2e%2e/%2e%2e/",
    "/static/..%2f..%2fpyproject.toml",
    "/static/%2e%2e/%2e%2e/pyproject.toml",
    "/.//evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "/%ff%fe",
    "/panels/%F0%9F%98%80/",
    "/" + "a" * 65536,
    "/no/such/page?" + "a" * 65536,
    "/en/en/en/",
    "/history/9999-99/",
    "/api/v2/%0d%0aX-Evil:%201.json",
]


@pytest.mark.parametrize("path", HOSTILE, ids=lambda path: path[:40])
def test_hostile_paths_are_refused_without_a_trace(scene: Site, client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"Traceback" not in answer.data
    assert b"root:" not in answer.data
    assert "X-Evil" not in answer.headers
    assert "Location" not in answer.headers


@pytest.mark.parametrize("raw", ["/panels%2Fpanel-c/", "/panels/panel-c%5c", "/panels/panel-c/%00"])
def test_a_hidden_slash_is_refused_where_the_server_tells_the_raw_address(
    scene: Site, client: FlaskClient, raw: str
) -> None:
    assert client.get("/panels/panel-c/", environ_overrides={"RAW_URI": raw}).status_code == 400
    fine = client.get("/panels/panel-c/", environ_overrides={"RAW_URI": "/panels/panel-c/?q=%2f"})
    assert fine.status_code == 200


OURS = [
    "status.example.com",
    "STATUS.example.com:443",
    "staff.example.com",
    "localhost:8000",
    "127.0.0.1:8000",
    "[::1]:80",
]
FOREIGN = [
    "evil.example",
    "status.example.com.evil.example",
    "",
    "a b",
    "status.example.com/x",
    "x@status.example.com",
    "127.1",
]


def test_only_our_hosts_and_bare_addresses_are_answered() -> None:
    hosts = Hosts("https://status.example.com", "staff.example.com")
    assert [host for host in OURS if not hosts.is_ours(host)] == []
    assert [host for host in FOREIGN if hosts.is_ours(host)] == []


@pytest.mark.parametrize("path", ["/", "/staff/", "/api/v1/recovery/progress", "/nothing"])
def test_a_foreign_host_is_misdirected_and_never_cached(scene: Site, client: FlaskClient, path: str) -> None:
    answer = client.get(path, headers={"Host": "evil.example"})
    assert answer.status_code == 421
    assert answer.headers["Cache-Control"] == "no-store"
    assert b"evil" not in answer.data
    assert "http://127.0.0.1:8000/" in answer.text


@pytest.mark.parametrize("claimed", ["1.2.3.4", "evil.example", "a" * 5000, "<script>", "127.0.0.1, 10.0.0.1"])
def test_who_claims_to_be_forwarded_changes_no_byte(scene: Site, client: FlaskClient, claimed: str) -> None:
    names = {"X-Forwarded-For": claimed, "X-Forwarded-Host": claimed, "X-Forwarded-Proto": claimed}
    assert client.get("/", headers=names).data == client.get("/").data


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "2001:db8::7", "2001:db8::7"),
        ("10.0.0.1", "10.0.0.7", "10.0.0.7"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "evil.example", None),
        ("10.0.0.1", "203.0.113.9, <script>", None),
        ("203.0.113.5", "127.0.0.1", "203.0.113.5"),
        ("203.0.113.5", "nonsense", "203.0.113.5"),
    ],
)
def test_only_a_trusted_proxy_says_who_asks(peer: str, forwarded: str | None, client: str | None) -> None:
    environ = {"REMOTE_ADDR": peer, **({} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded})}
    assert Proxies(["10.0.0.0/8"]).client(environ) == client
    assert Proxies([]).client(environ) == peer


def test_nonsense_from_a_trusted_proxy_is_refused_before_flask(settings: Settings) -> None:
    proxied = create_app(settings.model_copy(update={"trusted_proxies": ("127.0.0.1",)}))
    answer = proxied.test_client().get("/healthz", headers={"X-Forwarded-For": "<script>"})
    assert (answer.status_code, answer.headers["Cache-Control"]) == (400, "no-store")
    assert proxied.test_client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/nothing/here", "Nie ma takiej strony"),
        ("/en/nothing/here", "This page does not exist"),
        ("/recovery/nothing", "Nie ma takiej strony"),
        ("/enough", "Nie ma takiej strony"),
    ],
)
def test_an_unknown_address_is_the_published_404_in_its_language(
    scene: Site, client: FlaskClient, path: str, words: str
) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert words in answer.text
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers["Vary"]
    assert client.head(path).status_code == 404
    assert client.head(path).data == b""


def test_an_address_without_its_last_slash_leads_to_the_page(scene: Site, client: FlaskClient) -> None:
    for path in ("/history", "/en/panels/panel-c", "/en", "/faq"):
        answer = client.get(path)
        assert answer.status_code in (301, 308)
        assert urlsplit(answer.headers["Location"]).path == f"{path}/"
