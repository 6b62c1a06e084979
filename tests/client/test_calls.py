"""The client and a server that is busy, away, slow, or something else altogether."""

import subprocess
import sys
import traceback
from pathlib import Path

import pytest

import statuspage.client
from statuspage.client import Client, ClientError, LineError, Refused, Unreachable
from tests.client.servers import NOTHING, TOKEN, Said, serving
from tests.processes import free_port

LINES = [b'{"n": %d}' % number for number in range(10)]


def test_lines_are_sent_in_parts_and_errors_numbered_through() -> None:
    bad = {**NOTHING, "applied": 3, "rejected": 1, "errors": [{"line": 2, "path": "/done", "reason": "no"}]}
    with serving(Said(200, NOTHING), Said(200, bad), Said(422, {**bad, "applied": 0, "rejected": 4})) as server:
        result = Client(server.url, TOKEN, part_lines=4).push([*LINES, {"zażółć": 1}, '{"last": 1}\r\n'])
        assert server.bodies()[1:] == [
            b"".join(line + b"\n" for line in some)
            for some in (LINES[:4], LINES[4:8], [*LINES[8:], '{"zażółć": 1}'.encode(), b'{"last": 1}'])
        ]
        assert {one.headers["Transfer-Encoding"] for one in server.asked} == {"chunked"}
        assert {one.headers["Authorization"] for one in server.asked} == {f"Bearer {TOKEN}"}
    assert (result.lines, result.applied, result.rejected) == (12, 7, 5)
    assert result.errors == [LineError(2, "/done", "no"), LineError(6, "/done", "no")]


@pytest.mark.parametrize("status", [429, 502, 503])
def test_a_busy_server_is_asked_again_when_it_says(status: int) -> None:
    waits: list[float] = []
    busy = Said(status, {"detail": "busy"}, {"Retry-After": "7"})
    with serving(Said(200, NOTHING), busy, busy) as server:
        assert Client(server.url, TOKEN, sleep=waits.append).push(LINES).applied == 10
        assert server.bodies()[1] == server.bodies()[2] == server.bodies()[3]
    assert all(7 <= one <= 8 for one in waits)
    assert len(waits) == 2


def test_a_connection_that_is_cut_is_made_again_with_growing_pauses() -> None:
    waits: list[float] = []
    with serving(Said(200, NOTHING), *[Said(cut=True)] * 4) as server:
        assert Client(server.url, TOKEN, sleep=waits.append).push(LINES).applied == 10
    assert len(waits) == 4
    assert waits[3] >= 2 > waits[0]


def test_patience_ends() -> None:
    with serving(Said(200, NOTHING), *[Said(503, {}, {"Retry-After": "60"})] * 9) as server:
        with pytest.raises(Unreachable, match="busy"):
            Client(server.url, TOKEN, patience=30).push(LINES)
        assert len(server.asked) == 2


def test_a_server_that_trickles_its_answer_is_given_up() -> None:
    with serving(Said(200, NOTHING, slow=True)) as server, pytest.raises(Unreachable, match="no answer within"):
        Client(server.url, TOKEN, deadline=0.5, patience=0).push(LINES)


def test_nobody_there_is_said_soon() -> None:
    waits: list[float] = []
    with pytest.raises(Unreachable, match="refused"):
        Client(f"http://127.0.0.1:{free_port()}", TOKEN, patience=8, sleep=waits.append).push(LINES)


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (Said(401, {"detail": "no"}), "the token was refused"),
        (Said(403, {"detail": "it needs the scope recovery:write"}), "scope recovery:write"),
        (Said(404, b"<html>"), "no recovery API"),
        (Said(200, b"<html>hello"), "no recovery API"),
        (Said(200, {"hello": 1}), "no recovery API"),
        (Said(200, {**NOTHING, "applied": "3"}), "no recovery API"),
        (Said(301, b"", {"Location": "https://elsewhere.example/"}), "elsewhere.example"),
        (Said(415, {"detail": f"not {TOKEN}\x1b[2J"}), "not …"),
    ],
)
def test_what_will_not_change_is_refused_at_once_and_without_the_token(said: Said, words: str) -> None:
    with serving(said) as server:
        with pytest.raises(Refused) as caught:
            Client(server.url, TOKEN).push(LINES)
        assert len(server.asked) == 1
    assert words in str(caught.value)
    whole = "".join(traceback.format_exception(caught.value))
    assert TOKEN not in whole + repr(Client(server.url, TOKEN))
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["", "status.example.com", "ftp://a.example", "http://status.example.com", "https://u:p@a.example", "https://a:b"],
)
def test_an_address_that_would_betray_the_token_or_is_none_is_refused(url: str) -> None:
    with pytest.raises(ClientError):
        Client(url, TOKEN)


@pytest.mark.parametrize("token", ["", "two words", "x\r\nX-Evil: 1", "zażółć"])
def test_what_is_no_token_is_not_sent_nor_shown(token: str) -> None:
    with pytest.raises(Refused) as caught:
        Client("https://status.example.com", token)
    assert not token or token not in str(caught.value)


def test_an_address_may_be_that_of_the_api_itself() -> None:
    with serving() as server:
        assert Client(f"{server.url}/api/v1/recovery/reports", TOKEN).push(LINES).applied == 10
        assert server.asked[0].path == "/api/v1/recovery/reports"
        assert Client(f"{server.url}/status/", TOKEN).push(LINES).applied == 10
        assert server.asked[-1].path == "/status/api/v1/recovery/reports"


def test_names_are_quoted_and_posts_carry_a_key() -> None:
    with serving(*[Said(200, {"links": [], "errors": []})] * 4) as server:
        client = Client(server.url, TOKEN)
        client.size("panel-c", 20_000)
        client.account("panel-c", "a/b?ü")
        client.links([("panel-c", "1")])
        assert server.asked[1].path == "/api/v1/recovery/panels/panel-c/accounts/a%2Fb%3F%C3%BC"
        assert server.asked[2].headers["Idempotency-Key"]


def test_the_client_can_be_copied_out_and_needs_nothing_else(tmp_path: Path) -> None:
    folder = Path(statuspage.client.__file__).parent
    copy = tmp_path / "acme_recovery"
    copy.mkdir()
    for one in folder.glob("*.py"):
        (copy / one.name).write_text(one.read_text())
    run = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import acme_recovery; print(acme_recovery.Client)"
    said = subprocess.run([sys.executable, "-I", "-S", "-c", run], capture_output=True, text=True, check=True)
    assert "acme_recovery.remote.Client" in said.stdout
