"""TCP: a port that takes a connection, and if so wished answers what is sent with what is expected."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Any

from statuspage.errors import FieldError
from statuspage.i18n import noop
from statuspage.probing.kinds.shape import NO_PORT, host_and_port, seen, whole
from statuspage.probing.reach import Reach, Stopwatch
from statuspage.probing.reasons import LACKS, Failed, say
from statuspage.probing.rules import Look, Target

SETTINGS: tuple[str, ...] = ("send", "answer", "slow_ms")
MOST = 64 * 1024
ESCAPE = re.compile(r"\\(?:([rnt0\\])|x([0-9a-fA-F]{2}))")
PLAIN = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\"}
TOO_LONG = noop("At most 1000 characters.")


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    try:
        host_and_port(target)
    except Failed:
        yield FieldError("/target", NO_PORT)
    for name in ("send", "answer"):
        if len(expect.get(name, "")) > 1000:
            yield FieldError(f"/{name}", TOO_LONG)
    yield from whole(expect, "slow_ms", 1, 600_000)


def hosts(target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("/target", host_and_port(target)[0])]


async def look(target: Target, reach: Reach, watch: Stopwatch) -> Look:
    reader, writer = await reach.connect(*host_and_port(target.address), watch)
    try:
        writer.write(as_bytes(target.expect.get("send", "")))
        wanted = as_bytes(target.expect.get("answer", ""))
        wrong = None
        if wanted and not await _comes(reader, wanted, watch):
            wrong = say(LACKS, words=repr(target.expect["answer"]))
        return seen(watch, target.expect, wrong)
    finally:
        writer.transport.abort()


async def _comes(reader: asyncio.StreamReader, wanted: bytes, watch: Stopwatch) -> bool:
    """Whether the words come before the connection ends or too much was said."""
    read = b""
    while wanted not in read and len(read) < MOST:
        chunk = await reader.read(4096)
        if "first_byte" not in watch.phases:
            watch.lap("first_byte")
        if not chunk:
            return False
        read += chunk
    return wanted in read


def as_bytes(words: str) -> bytes:
    r"""What is typed as `HELO x\r\n` or `\x00`."""
    parts: list[bytes] = []
    end = 0
    for found in ESCAPE.finditer(words):
        parts += [words[end : found.start()].encode(), PLAIN[found[1]] if found[1] else bytes.fromhex(found[2])]
        end = found.end()
    return b"".join([*parts, words[end:].encode()])
