"""Looks at real targets on this machine: each way to fail has its words, and none takes longer than allowed."""

import time
from collections.abc import Iterator

import pytest

from statuspage.probing import guard
from statuspage.probing.kinds.http import BODY_CAP
from statuspage.probing.rules import Kind, Target
from tests.probing.looks import http, look
from tests.probing.targets import Fake, black_hole, closed_port, fake_panel


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


def test_a_panel_that_answers_is_up_with_the_phases_of_time(panel: Fake) -> None:
    (seen,) = look(http(panel.url.replace("127.0.0.1", "localhost"), keyword="works"))
    assert seen.ok, seen.error
    assert set(seen.phases) == {"dns", "connect", "first_byte"}
    assert seen.total_ms
    assert sum(seen.phases.values()) <= seen.total_ms + 1


def test_an_error_of_the_server_and_a_missing_keyword_are_failures(panel: Fake) -> None:
    panel.status = 500
    (broken,) = look(http(panel.url))
    panel.status = 200
    (wordless,) = look(http(panel.url, keyword="no such word"))
    assert (broken.ok, broken.error) == (False, "HTTP 500")
    assert (wordless.ok, wordless.error) == (False, "the answer lacks 'no such word'")


def test_a_redirect_is_not_followed(panel: Fake) -> None:
    panel.status, panel.location = 302, "http://127.0.0.1:1/"
    (seen,) = look(http(panel.url))
    assert seen.error == "HTTP 302"
    assert panel.asked == 1


def test_a_slow_panel_is_degraded_and_past_its_deadline_down(panel: Fake) -> None:
    panel.delay = 0.3
    (slow,) = look(http(panel.url, slow_ms=100))
    assert slow.ok
    assert slow.degraded
    started = time.monotonic()
    (late,) = look(http(panel.url, timeout=0.1))
    assert (late.ok, late.error) == (False, "no answer within 0.1 s")
    assert time.monotonic() - started < 1


def test_refused_reset_and_silent_targets_fail_in_their_own_words(panel: Fake) -> None:
    panel.reset = True
    with black_hole() as hole:
        refused, reset, silent = look(
            http(f"http://127.0.0.1:{closed_port()}/"), http(panel.url), http(f"http://127.0.0.1:{hole}/", timeout=0.3)
        )
    assert refused.error == "connection refused"
    assert reset.error in ("connection reset", "the connection was closed before an answer")
    assert silent.error == "no answer within 0.3 s"


def test_a_hanging_target_does_not_hold_up_a_healthy_one(panel: Fake) -> None:
    with black_hole() as hole:
        stuck = [http(f"http://127.0.0.1:{hole}/", timeout=5) for _ in range(20)]
        *_, healthy = look(*stuck, http(panel.url))
    assert healthy.ok
    assert healthy.total_ms
    assert healthy.total_ms < 4000


def test_a_huge_answer_is_not_read_to_its_end(panel: Fake) -> None:
    panel.body = b"x" * (BODY_CAP * 8) + b"the end"
    far, near = look(http(panel.url, keyword="the end"), http(panel.url, keyword="xxx"))
    assert not far.ok
    assert near.ok


def test_the_environment_cannot_put_a_proxy_in_between(panel: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{closed_port()}")
    assert look(http(panel.url))[0].ok


def test_a_tcp_port_is_up_when_it_takes_a_connection(panel: Fake) -> None:
    up, down = look(Target(Kind.TCP, f"127.0.0.1:{panel.port}", 2), Target(Kind.TCP, f"localhost:{closed_port()}", 2))
    assert up.ok
    assert "connect" in up.phases
    assert (down.ok, down.error) == (False, "connection refused")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "2130706433"])
def test_a_private_target_is_never_connected_to(panel: Fake, host: str) -> None:
    seen = look(
        http(f"http://{host}:{panel.port}/"), Target(Kind.TCP, f"{host}:{panel.port}", 2), allow=guard.networks(["off"])
    )
    assert [one.ok for one in seen] == [False, False]
    assert all("private" in (one.error or "") or "plain name" in (one.error or "") for one in seen)
    assert panel.asked == 0


def test_an_unknown_name_is_said_to_be_one() -> None:
    assert look(http("http://no-such-name.invalid/", timeout=5))[0].error in (
        "the name is not known",
        "the name could not be looked up",
    )


def test_a_crooked_target_is_a_failure_and_no_crash() -> None:
    assert not look(http("http://[::1/"))[0].ok
