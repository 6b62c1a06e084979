"""Lines of a file, of a pipe or of a program, and the parts in which they are sent: memory stays bounded."""

import hashlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

# The server refuses a longer line; its beginning is enough to be refused under the right number.
LONGEST_LINE = 16 * 1024 + 1
MOST_LINES = 50_000
MOST_BYTES = 8 * 1024 * 1024
MOST_SECONDS = 2.0
CHUNK = 64 * 1024
Line = bytes | str | Mapping[str, Any]


@dataclass(frozen=True)
class Part:
    """Some lines that are sent together, and again together when the connection is cut."""

    body: bytes
    lines: int

    def chunks(self) -> Iterator[bytes]:
        for start in range(0, len(self.body), CHUNK):
            yield self.body[start : start + CHUNK]


class Source:
    """The lines of a file: knows how far it was read, and the hash of all that was read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.offset = 0
        self.hash = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        while line := self._read():
            kept = line
            # The rest of a line that is too long is passed over, so that the next one keeps its number.
            while line and not line.endswith(b"\n"):
                line = self._read()
            yield kept

    def _read(self) -> bytes:
        piece = self.file.readline(LONGEST_LINE)
        self.offset += len(piece)
        self.hash.update(piece)
        return piece

    def skip(self, offset: int) -> None:
        """Read on to an offset without giving lines."""
        while self.offset < offset and (piece := self.file.read(min(CHUNK, offset - self.offset))):
            self.offset += len(piece)
            self.hash.update(piece)


def encoded(line: Line) -> bytes:
    """One line as it is sent. Raises `ValueError` for text that is several."""
    if isinstance(line, Mapping):
        line = json.dumps(line, ensure_ascii=False)
    raw = line.encode() if isinstance(line, str) else line
    raw = raw.rstrip(b"\r\n")
    if b"\n" in raw:
        raise ValueError("a line holds a line end: give the lines one by one")
    return raw[:LONGEST_LINE]


def parts(lines: Iterable[Line], most: int = MOST_LINES) -> Iterator[Part]:
    """The lines in parts: so many at most, so large at most, and not older than two seconds when lines come slowly."""
    body, count, begun = bytearray(), 0, time.monotonic()
    for line in lines:
        begun = begun if count else time.monotonic()
        body += encoded(line) + b"\n"
        count += 1
        if count >= most or len(body) >= MOST_BYTES or time.monotonic() - begun > MOST_SECONDS:
            yield Part(bytes(body), count)
            body, count = bytearray(), 0
    if count:
        yield Part(bytes(body), count)
