"""The nginx configuration that we ship, over a really published folder, with the app alive and dead."""

import gzip
import json
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import brotli
import pytest
from flask import Flask

from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.front.answers import page_headers, typed
from statuspage.publishing.documents import FOREVER, FRESH
from statuspage.settings import Settings
from statuspage.tokens.actions import create
from statuspage.web.site import Site
from tests import nginx
from tests.api.conftest import report
from tests.deploy.sites import HOST, SHIPPED, Behind, behind
from tests.processes import get, running, until

pytestmark = [pytest.mark.process, pytest.mark.nginx]
REPORTS = "/api/v1/recovery/reports"
AMBIGUOUS = (
    "/panels%2fpanel-c/", "/a%5Cb", "/..%2f..%2fetc/passwd", "/x/../y", "/%2e%2e/y", "/a%00b", "/faq/..", "/a\\b"
)  # fmt: skip
WITH_KEYS = (
    "/recovery/a/KEY/",
    "/en/recovery/a/KEY/?x=KEY",
    "/recovery//a/KEY/",
    "/recovery/%61/KEY/",
    "/recovery/./a/KEY/",
    "/recovery/a/../a/KEY",
    "/recovery/a%2fKEY",
    "/Recovery/A/KEY",
    "/api/v1/heartbeats/KEY",
    "/subscriptions/KEY/",
    "/staff/sign-in/KEY/",
    "/?token=KEY",
    f"http://{HOST}/recovery/a/KEY/",
)


@pytest.fixture
def dead(scene: Site, tmp_path: Path) -> Iterator[Behind]:
    """The site with its app dead."""
    with behind(scene.store.folder, tmp_path / "nginx") as one:
        yield one


@pytest.fixture
def alive(dead: Behind, settings: Settings, tmp_path: Path) -> Iterator[Behind]:
    """The site with its app alive."""
    words = ("web", "--port", str(dead.app_port))
    kept = {"STATUSPAGE_DATABASE_URL": settings.database, "STATUSPAGE_SECRET_KEY": "test" * 8}
    with running(tmp_path, *words, **kept, STATUSPAGE_BASE_URL=f"http://{HOST}"):
        until(lambda: get(dead.app_port, "/healthz"), 30)
        yield dead


def test_every_published_page_is_served_without_the_app_as_our_own_front_serves_it(dead: Behind, scene: Site) -> None:
    for path, page in scene.store.current.pages.items():
        answer = dead.ask(path)
        assert (answer.status, answer.body) == (200, page.body()), path
        assert answer.headers["Content-Type"] == typed(page.entry.media_type), path
        assert answer.headers["Cache-Control"] == page.entry.cache, path
        assert answer.headers["Access-Control-Allow-Origin"] == ("*" if page.entry.cross_origin else None), path
        html = page.entry.media_type == "text/html"
        for name, value in page_headers(framed=page.entry.framed):
            assert answer.headers[name] == (value if html else None), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Set-Cookie"] is None


def test_ready_made_encodings_and_conditional_requests(dead: Behind) -> None:
    plain = dead.ask("/").body
    packed = dead.ask("/", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert packed.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.body) == plain
    if nginx.brotli():
        small = dead.ask("/", Accept_Encoding="gzip, br")
        assert small.headers["Content-Encoding"] == "br"
        assert brotli.decompress(small.body) == plain
    again = dead.ask("/", If_None_Match=packed.headers["ETag"], Accept_Encoding="gzip")
    assert (again.status, again.body, again.headers["Cache-Control"]) == (304, b"", FRESH)
    style = re.findall(r'"(/static/site.+?)"', plain.decode())[0]
    assert dead.ask(style).headers["Cache-Control"] == FOREVER


def test_a_missing_page_is_said_in_the_language_of_its_address_and_kept_by_nobody(dead: Behind) -> None:
    for path, words in (("/nothing", "Nie ma takiej strony"), ("/en/nothing/", "This page does not exist")):
        answer = dead.ask(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (404, "no-store")
        assert words in answer.text
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for hidden in ("/snapshot.json", "/manifest.json", "/index.html.gz", "/.published.json", "/../versions/"):
        assert dead.ask(hidden).status in (400, 404), hidden
    refused = dead.ask("/", "POST", b"x")
    assert (refused.status, refused.headers["Allow"], refused.headers["Cache-Control"]) == (
        405,
        "GET, HEAD",
        "no-store",
    )


def test_before_the_first_publication_readers_are_asked_to_come_again(tmp_path: Path) -> None:
    with behind(tmp_path / "public", tmp_path / "nginx") as site:
        for path in ("/", "/en/faq/", "/which-panel/?created=2020-09-15"):
            answer = site.ask(path)
            assert (answer.status, answer.headers["Retry-After"]) == (503, "10"), path
            assert answer.headers["Cache-Control"] == "no-store"


def test_a_new_version_is_served_at_once(dead: Behind, scene: Site) -> None:
    for _ in range(8):
        scene.publisher.build += "x"
        scene.publisher.publish()
        assert dead.ask("/").body == scene.store.current.pages["/"].body()


def test_which_panel_is_answered_by_the_app_and_without_it_by_the_plain_page(alive: Behind) -> None:
    for path in ("/which-panel/?created=2020-09-15", "/en/which-panel/?x=1&created=2020-09", "/faq/?q=zamowienia"):
        answer = alive.ask(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store"), path
        assert answer.headers.get_all("Cache-Control") == ["no-store"]
    assert 'id="answer"' in alive.ask("/which-panel/?created=2020-09-15").text
    assert alive.ask("/which-panel/?created=2021-02-30").status == 400
    plain = alive.ask("/which-panel/?utm=1")
    assert 'id="answer"' not in plain.text
    assert plain.headers["Cache-Control"] == FRESH
    assert alive.ask("/staff/", Accept="text/html").headers["Location"].startswith("/staff/sign-in/")
    assert alive.ask("/healthz").status == 200
    assert alive.ask("/metrics").status == 200
    assert alive.ask("/recovery/link/").headers.get_all("Cache-Control") == ["no-store"]


def test_what_needs_the_dead_app_says_so_and_when_to_come_again(dead: Behind) -> None:
    for path in ("/which-panel/?created=2020-09-15", "/en/faq/?q=orders"):
        answer = dead.ask(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
        assert answer.body == dead.ask(path.split("?")[0]).body
    asked = (("GET", "/staff/"), ("POST", "/staff/sign-in/"), ("POST", "/recovery/link/"), ("GET", "/readyz"))
    for method, path in asked:
        answer = dead.ask(path, method, b"x=1" if method == "POST" else b"")
        assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
            503,
            "10",
            "no-store",
        )
        assert "Spróbuj znowu" in answer.text
    for method, path in (("POST", REPORTS), ("GET", "/api/v1/recovery/transfers/1"), ("POST", "/api/v1/heartbeats/x")):
        answer = dead.ask(path, method, b"{}" if method == "POST" else b"")
        assert (answer.status, answer.headers["Content-Type"]) == (503, "application/problem+json")
        assert json.loads(answer.body)["status"] == 503
    assert dead.ask("/api/v1/recovery/progress").headers["Content-Type"] == "application/json"


def test_paths_that_mean_two_things_are_refused_and_kept_by_nobody(dead: Behind) -> None:
    for path in AMBIGUOUS:
        answer = dead.ask(path)
        assert (answer.status, answer.headers["Cache-Control"]) == (400, "no-store"), path


def test_a_query_may_hold_what_a_path_may_not(dead: Behind) -> None:
    assert dead.ask("/?next=%2Fstaff%2F..%5C").status == 200


def test_endless_addresses_strange_hosts_and_large_bodies_are_refused(dead: Behind) -> None:
    long = dead.ask("/" + "x" * 65_536)
    assert (long.status, long.headers["Cache-Control"]) == (414, "no-store")
    assert dead.ask("/" + "x" * 8_150).status == 404
    assert dead.ask("/" + "x" * 8_193).status == 414
    strange = dead.ask("/", host="evil.example.net")
    assert (strange.status, strange.headers["Cache-Control"]) == (421, "no-store")
    large = dead.ask("/staff/sign-in/", "POST", b"x" * 1_100_000)
    assert (large.status, large.headers["Cache-Control"]) == (413, "no-store")


def test_who_tries_too_often_is_asked_to_wait_and_readers_are_not(dead: Behind) -> None:
    tried = [dead.ask("/recovery/link/", "POST", b"login=x") for _ in range(14)]
    assert [one.status for one in tried[:11]] == [503] * 11
    assert (tried[-1].status, tried[-1].headers["Retry-After"]) == (429, "10")
    assert {dead.ask("/recovery/link/").status for _ in range(20)} == {503}
    assert {dead.ask("/").status for _ in range(60)} == {200}
    assert {dead.ask("/which-panel/?created=2020-09-15").status for _ in range(40)} == {200}


def test_a_load_reaches_the_app(alive: Behind, app: Flask) -> None:
    with transaction() as session:
        scopes = ["recovery:read", "recovery:write"]
        token = create(session, name="job", scopes=scopes, expires_at=None, actor=SYSTEM)
    lines = "".join(f"{json.dumps(report(account=str(number)))}\n" for number in range(20_000)).encode()
    assert len(lines) > 1_500_000
    kind = {"Content_Type": "application/x-ndjson", "Authorization": f"Bearer {token}"}
    answer = alive.ask(REPORTS, "POST", lines, **kind)
    assert json.loads(answer.body)["applied"] == 20_000, answer.text


def test_a_published_address_is_written_by_the_app(alive: Behind, app: Flask) -> None:
    assert alive.ask("/api/v1/estimates").status == 200
    answer = alive.ask("/api/v1/estimates", "POST", b"{}")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_load_is_handed_on_while_it_is_still_being_sent(dead: Behind) -> None:
    with socket.create_server(("127.0.0.1", dead.app_port)) as app, closing(socket.socket()) as client:
        app.settimeout(10)
        client.connect(("127.0.0.1", dead.port))
        client.sendall(f"POST {REPORTS} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: 900000000\r\n".encode())
        client.sendall(b"X-Forwarded-For: 10.6.6.6\r\n\r\n{first line}\n")
        reached, _ = app.accept()
        with reached:
            reached.settimeout(10)
            got = b""
            while b"{first line}" not in got:
                got += reached.recv(65536)
    assert b"X-Forwarded-For: 127.0.0.1\r\n" in got
    assert b"10.6.6.6" not in got


def test_no_key_of_an_address_stands_in_a_log(dead: Behind) -> None:
    for path in WITH_KEYS:
        dead.ask(path.replace("KEY", "Secret123"))
    dead.ask("/faq/")
    until(lambda: "/faq/" in dead.log.read_text())
    assert len(dead.log.read_text().splitlines()) == len(WITH_KEYS) + 1
    for log in dead.proxy.folder.glob("*.log"):
        assert "Secret123" not in log.read_text(), log


def test_with_tls_the_configuration_is_accepted_as_it_is_shipped(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={HOST}", "-days", "1"]
    subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    words = SHIPPED.read_text().replace("/var/log/nginx", str(tmp_path))
    folder = f"/etc/letsencrypt/live/{HOST}"
    words = words.replace(f"{folder}/fullchain.pem", str(certificate)).replace(f"{folder}/privkey.pem", str(key))
    assert nginx.verdict(tmp_path / "nginx", words) == ""
