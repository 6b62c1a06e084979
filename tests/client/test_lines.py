"""Lines in parts: numbered right, bounded in memory, whatever the file holds."""

import io
import json
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.client.lines import LONGEST_LINE, MOST_BYTES, Source, encoded, parts
from statuspage.client.waiting import LONGEST, pause, retry_after


def test_parts_end_at_their_most_lines_and_bytes() -> None:
    assert [one.lines for one in parts([b"x"] * 10, 4)] == [4, 4, 2]
    long = list(parts([b"x" * 16_000] * 1_100))
    assert len(long) == 3
    assert all(len(one.body) < MOST_BYTES + 16_001 for one in long)
    assert list(parts([])) == []


def test_a_slow_program_does_not_hold_back_what_it_wrote() -> None:
    def slow() -> Iterator[bytes]:
        yield b"1"
        time.sleep(2.1)
        yield b"2"
        yield b"3"

    assert [one.lines for one in parts(slow())] == [2, 1]


def test_blank_and_endless_lines_keep_the_numbers_of_the_rest() -> None:
    file = io.BytesIO(b"one\r\n\n" + b"x" * 100_000 + b"\nlast")
    source = Source(file)
    assert [encoded(one) for one in source] == [b"one", b"", b"x" * LONGEST_LINE, b"last"]
    assert source.offset == len(file.getvalue())


def test_text_that_is_two_lines_is_no_line() -> None:
    with pytest.raises(ValueError, match="line end"):
        encoded("one\ntwo")


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    file = tmp_path / "one-line"
    with file.open("wb") as out:
        for _ in range(300):
            out.write(b"x" * 100_000)
        out.write(b"\n" + json.dumps({"account": "1"}).encode())
    tracemalloc.start()
    try:
        with file.open("rb") as raw:
            assert sum(one.lines for one in parts(Source(raw))) == 2
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_pauses_grow_to_a_minute_and_differ() -> None:
    assert [pause(tries, None, 1) for tries in range(4)] == [0.5, 1, 2, 4]
    assert pause(1000, None, 1) == LONGEST
    assert pause(3, None, 0) == 2
    assert pause(0, 7, 0.5) == 7.5
    assert pause(0, 9e9, 0) == LONGEST


@pytest.mark.parametrize(
    ("words", "seconds"),
    [(None, None), ("7", 7), ("", None), ("soon", None), ("-3", None), ("٣", None),
     ("Mon, 22 Mar 2021 13:05:30 GMT", 30), ("Mon, 22 Mar 2021 13:00:00 GMT", 0)],
)  # fmt: skip
def test_retry_after_is_seconds_or_a_date(words: str | None, seconds: float | None) -> None:
    assert retry_after(words, 1616418300) == seconds
