"""A target that misbehaves gets the right verdict, in words, in time, and costs little memory."""

import asyncio
import gzip
import resource
import socket
import time
import tracemalloc

import pytest

from statuspage.probing import guard
from statuspage.probing.client import Looker
from statuspage.probing.reach import Unable
from statuspage.probing.reasons import read
from statuspage.probing.rules import Kind, Target
from tests.probing import farm
from tests.probing.farm import answer, once, saying
from tests.probing.looks import http, look
from tests.probing.targets import fake_panel

BOMB = gzip.compress(b"\0" * 50 * 1024 * 1024)
MIB = 1024 * 1024
GZIP = "Content-Encoding: gzip"


@pytest.mark.parametrize(
    ("says", "error", "polish"),
    [
        (farm.drip, "no answer within 0.5 s", "brak odpowiedzi w ciągu 0.5 s"),
        (farm.many_headers, "the answer has too many or too long headers", "za dużo nagłówków"),
        (farm.endless_line, "the answer has too many or too long headers", "za dużo nagłówków"),
        (once(b""), "the connection was closed before an answer", "połączenie zamknięte"),
        (once(b"SSH-2.0-OpenSSH_9.2\r\n"), "the answer is broken: it is no proper HTTP", "to nie jest poprawny HTTP"),
        (once(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"), "the answer was cut off", "urwała się"),
        (once(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx"), "it is no proper HTTP", "to nie jest poprawny HTTP"),
        (
            once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n"),
            "the answer is broken: it is no proper HTTP",
            "to nie jest poprawny HTTP",
        ),
        (
            once(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"),
            "the answer was cut off",
            "urwała się",
        ),
        (once(answer(b"no gzip", GZIP)), "the answer's compression is broken", "źle skompresowana"),
    ],
)
def test_each_way_to_misbehave_has_its_words(says: farm.Says, error: str, polish: str) -> None:
    started = time.monotonic()
    with saying(says) as port:
        (seen,) = look(http(f"http://127.0.0.1:{port}/", timeout=0.5))
    assert not seen.ok
    assert error in (seen.error or "")
    assert polish in read("pl", seen.error or "")
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("says", [farm.endless_body, once(answer(BOMB, GZIP)), farm.many_headers, farm.endless_line])
def test_a_flood_is_not_taken_in(says: farm.Says) -> None:
    with saying(says) as port:
        tracemalloc.start()
        (seen,) = look(http(f"http://127.0.0.1:{port}/", timeout=5, keyword="no such word"))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert not seen.ok
    assert peak < 12 * MIB


def test_what_is_packed_is_read_up_to_the_cap() -> None:
    with saying(once(answer(gzip.compress(b"panel-b works"), GZIP))) as port:
        (seen,) = look(http(f"http://127.0.0.1:{port}/", keyword="works"))
    assert seen.ok, seen.error


def test_an_odd_charset_costs_no_time() -> None:
    body = b"a-" + b"z" * 500_000
    with saying(once(answer(body, "Content-Type: text/plain; charset=punycode"))) as port:
        started = time.monotonic()
        (seen,) = look(http(f"http://127.0.0.1:{port}/", keyword="zzz"))
    assert seen.ok
    assert time.monotonic() - started < 2


def test_endless_redirects_end() -> None:
    with fake_panel() as panel:
        panel.status, panel.location = 302, "/again"
        most, three = look(http(panel.url, redirects="same-host"), http(panel.url, redirects="any", redirects_most=3))
        assert (most.error, three.error) == ("more than 10 redirects", "more than 3 redirects")
        assert panel.asked == 11 + 4


def test_the_deadline_holds_over_all_redirects_together() -> None:
    with fake_panel() as panel:
        panel.status, panel.location, panel.delay = 302, "/again", 0.2
        started = time.monotonic()
        (seen,) = look(http(panel.url, timeout=0.5, redirects="any"))
    assert seen.error == "no answer within 0.5 s"
    assert time.monotonic() - started < 1.5


def test_how_far_a_look_came_is_known_when_it_fails() -> None:
    with saying(farm.drip) as port:
        (seen,) = look(http(f"http://localhost:{port}/", timeout=0.3))
    assert set(seen.phases) == {"dns", "connect", "first_byte"}


def test_a_name_server_that_hangs_or_fails_is_said_so() -> None:
    async def fails(host: str, port: int) -> list[object]:
        raise socket.gaierror(socket.EAI_AGAIN, "temporary failure")

    async def unknown(host: str, port: int) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "not known")

    target = http("http://panel.example/", timeout=0.3)
    assert look(target, lookup=fails)[0].error == "the name could not be looked up"
    assert look(target, lookup=unknown)[0].error == "the name is not known"


def test_without_a_free_connection_of_our_own_nothing_is_said_of_the_target() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with fake_panel() as panel:
        # The loop needs its few; the limit then leaves no more.
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
        held: list[socket.socket] = []
        try:
            with pytest.raises(Unable):
                look_with_nothing_left(http(panel.url), held)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for one in held:
                one.close()


def look_with_nothing_left(target: Target, held: list[socket.socket]) -> None:
    async def starved() -> None:
        looker = Looker(guard.networks(["127.0.0.0/8"]))
        try:
            looker.reach.web()
            with pytest.raises(OSError, match="Too many open files"):
                held.extend(iter(socket.socket, None))
            await looker.look(target)
        finally:
            held.pop().close()
            await looker.close()

    asyncio.run(starved())


def test_every_kind_keeps_its_deadline_against_a_black_hole() -> None:
    with saying(lambda line: time.sleep(1)) as port:
        seen = look(
            Target(Kind.HTTP, f"http://127.0.0.1:{port}/", 0.3),
            Target(Kind.HTTP, f"https://127.0.0.1:{port}/", 0.3),
            Target(Kind.TLS, f"127.0.0.1:{port}", 0.3),
            Target(Kind.TCP, f"127.0.0.1:{port}", 0.3, {"answer": "hello"}),
            Target(Kind.DNS, "panel.example", 0.3, {"resolver": f"127.0.0.1:{port}"}),
        )
    assert {one.error for one in seen} == {"no answer within 0.3 s"}
