"""HTTP: one request, redirects as allowed, and a bounded answer that is compared with what is expected."""

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
from yarl import URL

from statuspage.errors import FieldError
from statuspage.probing import guard, reasons
from statuspage.probing.kinds import http_settings
from statuspage.probing.kinds.answers import Answer, wrong
from statuspage.probing.kinds.http_settings import MOST_REDIRECTS, Redirects, headers, web_address
from statuspage.probing.kinds.shape import seen
from statuspage.probing.reach import Reach, Stopwatch
from statuspage.probing.reasons import failed
from statuspage.probing.rules import Look, Target

BODY_CAP = 1024 * 1024
SETTINGS = http_settings.SETTINGS
REDIRECTING = (301, 302, 303, 307, 308)
# `punycode` and its like take a minute for a megabyte.
CHARSET = re.compile(
    r"utf-?(8|16|16le|16be)|(us-)?ascii|latin-?[12]|iso-?8859-\d{1,2}|(windows-|cp)\d{3,4}", re.IGNORECASE
)


@dataclass(frozen=True)
class Request:
    """What is asked of which address."""

    method: str
    url: URL
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from http_settings.faults(target, expect)


def hosts(target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("/target", web_address(target).host or "")]


async def look(target: Target, reach: Reach, watch: Stopwatch) -> Look:
    expect = target.expect
    body = expect.get("body")
    request = Request(
        expect.get("method") or "GET",
        web_address(target.address),
        dict(headers(expect.get("headers") or "")),
        body.encode() if body else None,
    )
    most = expect.get("redirects_most") or MOST_REDIRECTS
    for _ in range(most + 1):
        guard.check_host(request.url.host or "", reach.allow)
        async with _asked(request, reach) as response:
            watch.lap("first_byte")
            onward = _onward(request, response, expect)
            if onward is None:
                answer = await _answer(response)
                return seen(watch, expect, wrong(answer, expect))
        request = onward
    raise failed(reasons.TOO_MANY_REDIRECTS, most=most)


def _asked(request: Request, reach: Reach) -> Any:
    return reach.web().request(
        request.method, request.url, headers=request.headers, data=request.body, allow_redirects=False
    )


def _onward(request: Request, response: aiohttp.ClientResponse, expect: Mapping[str, Any]) -> Request | None:
    """The request that a redirect leads to, if redirects are followed; the guard sees it before it is sent."""
    policy = expect.get("redirects") or Redirects.NONE
    location = response.headers.get("Location")
    if policy == Redirects.NONE or response.status not in REDIRECTING or not location:
        return None
    try:
        url = request.url.join(URL(location))
        url = web_address(str(url))
    except (ValueError, reasons.Failed):
        raise failed(reasons.ODD_REDIRECT) from None
    if policy == Redirects.SAME_HOST and url.host != request.url.host:
        raise failed(reasons.ELSEWHERE, host=url.host)
    # Keys in headers and bodies are for the place that staff named.
    onward = replace(request, url=url) if url.origin() == request.url.origin() else Request(request.method, url)
    keeps = response.status in (307, 308) or request.method in ("GET", "HEAD")
    return onward if keeps else replace(onward, method="GET", body=None)


async def _answer(response: aiohttp.ClientResponse) -> Answer:
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) >= BODY_CAP:
            break
    read = unpacked(bytes(body[:BODY_CAP]), response.headers.get("Content-Encoding", ""))
    found = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status, decoded(read, response.charset), found)


def unpacked(body: bytes, encoding: str) -> bytes:
    """The body without its compression, cut at the cap: a bomb is opened no further."""
    if encoding.lower() not in ("gzip", "x-gzip", "deflate"):
        return body
    try:
        return zlib.decompressobj(zlib.MAX_WBITS | 32).decompress(body, BODY_CAP)
    except zlib.error:
        raise failed(reasons.BROKEN_COMPRESSION) from None


def decoded(body: bytes, charset: str | None) -> str:
    try:
        return body.decode(charset if charset and CHARSET.fullmatch(charset) else "utf-8", "replace")
    except LookupError:
        return body.decode("utf-8", "replace")
