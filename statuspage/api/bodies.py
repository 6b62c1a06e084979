"""Reads bodies: the right content type, whole, in strict JSON or line by line."""

from collections.abc import Iterator
from typing import IO, Any

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

from statuspage.web.gate import parse_json

JSON = "application/json"
LINES = "application/x-ndjson"
CHUNK = 64 * 1024
LONGEST_LINE = 16 * 1024
LARGEST_STREAM = 2 * 1024**3


def media_type(*allowed: str) -> str:
    """The type of the body, one of those allowed; otherwise 415."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if request.mimetype not in allowed or charset != "utf-8" or request.content_encoding:
        raise UnsupportedMediaType(f"Send {' or '.join(allowed)} in UTF-8, not compressed.")
    return request.mimetype


def document() -> Any:
    """The body as one JSON document."""
    media_type(JSON)
    return parse_json(request.get_data())


def whole() -> bytes:
    """The body, at most as long as the app allows."""
    return request.get_data()


def lines(most: int) -> Iterator[tuple[int, bytes]]:
    """The lines of the body, numbered from 1, read in chunks: memory does not grow with the body.

    Blank lines are passed over. A line that is too long comes as its beginning, which is no JSON.
    Raises 413 past `most` lines.
    """
    request.max_content_length = LARGEST_STREAM
    for number, line in enumerate(split(request.stream), 1):
        if number > most:
            raise RequestEntityTooLarge(f"At most {most} lines at a time: send the file in parts.")
        if line.strip():
            yield number, line


def split(stream: IO[bytes]) -> Iterator[bytes]:
    """The lines of a stream; of a longer line than allowed only the beginning is kept."""
    kept = b""
    while chunk := stream.read(CHUNK):
        *whole, rest = chunk.split(b"\n")
        for part in whole:
            yield (kept + part)[: LONGEST_LINE + 1]
            kept = b""
        kept = (kept + rest)[: LONGEST_LINE + 1]
    if kept:
        yield kept
