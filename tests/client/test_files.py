"""A file that is gone on with after a kill: from where it was taken, or anew when it changed."""

from pathlib import Path

import pytest

from statuspage.client import Client, LineError, Unreachable, push_file
from tests.client.servers import NOTHING, TOKEN, Said, serving

DOWN = [Said(503, {}, {"Retry-After": "60"})]
BAD = {**NOTHING, "applied": 1, "rejected": 1, "errors": [{"line": 2, "path": "/done", "reason": "no"}]}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four lines; the server went away after two of them."""
    file = tmp_path / "reports.ndjson"
    file.write_bytes(b"1\n2\n3\n4\n")
    return file


def half(url: str, file: Path) -> None:
    with pytest.raises(Unreachable):
        push_file(Client(url, TOKEN, part_lines=2, patience=1), file)


def test_it_goes_on_with_its_counts_and_numbers_and_leaves_nothing(file: Path) -> None:
    with serving(Said(200, NOTHING), Said(200, BAD), *DOWN, Said(200, NOTHING), Said(200, BAD)) as server:
        half(server.url, file)
        result = push_file(Client(server.url, TOKEN, part_lines=2), file, resume=True)
        assert server.bodies()[-2:] == [b"\n", b"3\n4\n"]
    assert (result.lines, result.applied, result.rejected, result.bytes) == (4, 2, 2, 8)
    assert result.errors == [LineError(2, "/done", "no"), LineError(4, "/done", "no")]
    assert [one.name for one in file.parent.iterdir()] == ["reports.ndjson"]


@pytest.mark.parametrize("now", [b"1\nX\n3\n4\n", b"1\n", b"9\n1\n2\n3\n4\n"], ids=["changed", "shorter", "shifted"])
def test_a_file_that_changed_is_sent_anew(file: Path, now: bytes) -> None:
    with serving(Said(200, NOTHING), Said(200, BAD), *DOWN) as server:
        half(server.url, file)
        file.write_bytes(now)
        result = push_file(Client(server.url, TOKEN), file, resume=True)
        assert server.bodies()[-1] == now
    assert (result.lines, result.rejected) == (now.count(b"\n"), 0)


def test_a_file_that_grew_goes_on(file: Path) -> None:
    with serving(Said(200, NOTHING), Said(200, BAD), *DOWN) as server:
        half(server.url, file)
        with file.open("ab") as out:
            out.write(b"5\n")
        assert push_file(Client(server.url, TOKEN), file, resume=True).lines == 5
        assert server.bodies()[-1] == b"3\n4\n5\n"


def test_without_resume_or_for_another_server_it_begins_at_the_start(file: Path) -> None:
    with serving(Said(200, NOTHING), Said(200, BAD), *DOWN) as server, serving() as other:
        half(server.url, file)
        assert push_file(Client(other.url, TOKEN), file, resume=True).lines == 4
        half_again = Client(server.url, TOKEN)
        assert push_file(half_again, file).lines == 4
        assert server.bodies()[-1] == b"1\n2\n3\n4\n"


@pytest.mark.parametrize("words", ["", "{", "[]", '{"target": 1}', "null"])
def test_a_bookmark_that_cannot_be_read_is_none(file: Path, words: str) -> None:
    file.with_name("reports.ndjson.push").write_text(words)
    with serving() as server:
        assert push_file(Client(server.url, TOKEN), file, resume=True).lines == 4
