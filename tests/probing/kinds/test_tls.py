"""Certificates as browsers judge them, for `tls` and `http` alike, with the days that are left."""

import socket
import subprocess

import pytest

from statuspage.probing.rules import Kind, Look, Target
from tests.probing.farm import Authority, answer, once, saying
from tests.probing.looks import http, look

OK = once(answer(b"panel-b works"))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], check=True, capture_output=True)

    return Authority(tmp_path_factory.mktemp("ca"), openssl)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.file))
    return authority


def both(port: int, **expect: object) -> list[Look]:
    return look(
        http(f"https://localhost:{port}/", timeout=3, **expect), Target(Kind.TLS, f"localhost:{port}", 3, expect)
    )


def test_a_good_certificate_is_up_with_the_time_of_its_handshake(trusted: Authority) -> None:
    with saying(OK, tls=trusted.server()) as port:
        web, bare = both(port, cert_days=20)
    assert (web.ok, web.degraded, web.error) == (True, False, None)
    assert (bare.ok, bare.degraded, bare.error) == (True, False, None)
    assert list(web.phases) == ["dns", "connect", "tls", "first_byte"]
    assert list(bare.phases) == ["dns", "connect", "tls"]
    assert web.total_ms
    assert sum(web.phases.values()) <= web.total_ms + 0.1


def test_a_certificate_that_ends_soon_is_degraded(trusted: Authority) -> None:
    with saying(OK, tls=trusted.server(days=5)) as port:
        seen = both(port, cert_days=14)
    assert [(one.ok, one.degraded) for one in seen] == [(True, True)] * 2
    assert {one.error for one in seen} == {"the certificate ends soon, days left: 4"}


def test_a_certificate_for_another_name_is_down(trusted: Authority) -> None:
    with saying(OK, tls=trusted.server("DNS:other.example")) as port:
        assert {one.error for one in both(port)} == {"the certificate is for another name"}


def test_an_expired_certificate_is_down(trusted: Authority) -> None:
    with saying(OK, tls=trusted.server(days=-1)) as port:
        assert {one.error for one in both(port)} == {"the certificate has expired"}


def test_a_certificate_of_nobody_we_trust_is_down(authority: Authority) -> None:
    with saying(OK, tls=authority.server()) as port:
        errors = {one.error or "" for one in both(port)}
    assert len(errors) == 1
    assert errors.pop().startswith("the certificate is not trusted: ")


def test_what_speaks_no_tls_is_down_and_says_so(trusted: Authority) -> None:
    with saying(once(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        errors = {one.error or "" for one in both(port)}
    assert all(error.startswith("no encrypted connection could be made: ") for error in errors), errors


def test_a_handshake_that_is_reset_is_said_to_be(trusted: Authority) -> None:
    def reset(line: socket.socket) -> None:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with saying(reset) as port:
        assert {one.error for one in both(port)} <= {"connection reset", "the connection was closed before an answer"}
