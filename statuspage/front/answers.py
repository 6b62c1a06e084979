"""A published page as HTTP answers: which encoding a reader gets, and the headers, made once a page."""

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from werkzeug.http import parse_accept_header

from statuspage.publishing.pages import Page

Headers = list[tuple[str, str]]
PREFERRED = ("br", "gzip", "identity")
CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors {}"
)
LONGEST_ACCEPT = 300


class Answer:
    """All that may be said of one page; `kinds` are its headers without and with a body, by encoding."""

    __slots__ = ("encodings", "kinds", "modified", "page")

    def __init__(self, page: Page, cache: str | None = None) -> None:
        self.page = page
        self.modified = datetime.fromisoformat(page.entry.modified)
        self.encodings = tuple(page.entry.sizes)
        self.kinds = {encoding: self._kind(encoding, cache or page.entry.cache) for encoding in self.encodings}

    def _kind(self, encoding: str, cache: str) -> tuple[str, Headers, Headers]:
        entry = self.page.entry
        etag = f'"{entry.etag}"' if encoding == "identity" else f'"{entry.etag}-{encoding}"'
        light = [
            ("ETag", etag),
            ("Last-Modified", format_datetime(self.modified, usegmt=True)),
            ("Cache-Control", cache),
            ("Vary", "Accept-Encoding"),
            ("X-Content-Type-Options", "nosniff"),
        ]
        if entry.cross_origin:
            light.append(("Access-Control-Allow-Origin", "*"))
        if entry.media_type == "text/html":
            light.extend(page_headers(framed=entry.framed))
        full = [*light, ("Content-Type", typed(entry.media_type)), ("Content-Length", str(entry.sizes[encoding]))]
        if encoding != "identity":
            full.append(("Content-Encoding", encoding))
        return etag, light, full


def page_headers(*, framed: bool) -> Headers:
    return [
        ("Content-Security-Policy", CONTENT_POLICY.format("*" if framed else "'none'")),
        ("Referrer-Policy", "no-referrer"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]


def typed(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def negotiate(accepted: str | None, offered: Iterable[str]) -> str | None:
    """The smallest encoding the reader takes (RFC 9110, 12.5.3); None when even identity is refused."""
    if accepted is None:
        return "identity"
    if len(accepted) > LONGEST_ACCEPT:
        return _negotiated(accepted, tuple(offered))
    return _remembered(accepted, tuple(offered))


def _negotiated(accepted: str, offered: tuple[str, ...]) -> str | None:
    weights = {name.lower(): float(quality) for name, quality in parse_accept_header(accepted)}
    rest = weights.get("*")
    named = {"identity": weights.get("identity", rest if rest == 0 else 0.001)}
    named |= {name: weights.get(name, rest or 0.0) for name in ("br", "gzip")}
    usable = {name: quality for name, quality in named.items() if quality > 0 and name in offered}
    return max(usable, key=lambda name: (usable[name], -PREFERRED.index(name)), default=None)


# Browsers send a handful of different headers; parsing one costs more than all the rest of an answer.
_remembered = lru_cache(maxsize=512)(_negotiated)
