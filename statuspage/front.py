"""The outermost WSGI layer: finished bytes by path and encoding; the rest goes on to Flask.

A public read ends here: no Flask, no database, no system call. At most `places` requests at a time
are let into Flask, so that slow ones cannot starve the page, nor long loads the staff.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from email.utils import format_datetime
from typing import Any

from werkzeug.http import is_resource_modified, parse_accept_header

from statuspage import paths
from statuspage.publishing.store import Page, Store

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
FOLLOW_EVERY = 0.1
PLACES = 6
STAFF = "/staff/"
LOADS = "/api/v1/recovery/"
# Paths whose answer depends on the reader's input: with this parameter they go on to Flask.
WITH_INPUT = {"which-panel": "created=", "faq": "q="}


class Front:
    """Answers GET and HEAD of published paths from memory."""

    def __init__(self, inner: Application, store: Store, locales: tuple[str, ...], places: int = PLACES) -> None:
        self.inner = inner
        self.store = store
        self.limits = Limits(places)
        prefixes = ["", *(f"/{locale}" for locale in locales[1:])]
        patterns = (re.escape(pattern).replace(r"\{\}", "[^/]+") for pattern in paths.PATTERNS.values())
        self.to_come = re.compile(f"(?:{'|'.join(prefixes)})(?:{'|'.join(patterns)})")
        self.with_input = {
            f"{prefix}/{name}/": parameter for prefix in prefixes for name, parameter in WITH_INPUT.items()
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        page = self.store.current.pages.get(path)
        if page is None or self._asks(path, environ):
            if not self.store.current.name and self.to_come.fullmatch(path):
                return _refuse(start_response, "503 Service Unavailable", [("Retry-After", "2")])
            return self._enter(environ, start_response)
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return _refuse(start_response, "405 Method Not Allowed", [("Allow", "GET, HEAD")])
        return _answer(page, environ, start_response, with_body=method == "GET")

    def _asks(self, path: str, environ: Environ) -> bool:
        parameter = self.with_input.get(path)
        asked = environ.get("QUERY_STRING", "").split("&")
        return parameter is not None and any(part.startswith(parameter) for part in asked)

    def _enter(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        leave = self.limits.enter(environ)
        if leave is None:
            return _refuse(start_response, "503 Service Unavailable", [("Retry-After", "2")])
        try:
            return _Leaving(self.inner(environ, start_response), leave)
        except BaseException:
            leave()
            raise


class Limits:
    """How many requests may be in Flask at a time: one place is kept for staff, half may hold long loads."""

    def __init__(self, places: int) -> None:
        self.all = threading.BoundedSemaphore(places)
        self.readers = threading.BoundedSemaphore(max(1, places - 1))
        self.loads = threading.BoundedSemaphore(max(1, places // 2))

    def enter(self, environ: Environ) -> Callable[[], None] | None:
        """Take a place without waiting; returns how to leave it, or None when there is none."""
        taken: list[threading.BoundedSemaphore] = []
        for limit in self._asked(environ):
            if not limit.acquire(blocking=False):
                _release(taken)
                return None
            taken.append(limit)
        return lambda: _release(taken)

    def _asked(self, environ: Environ) -> Iterator[threading.BoundedSemaphore]:
        path = environ.get("PATH_INFO", "")
        if path.startswith(LOADS) and environ["REQUEST_METHOD"] == "POST":
            yield self.loads
        if not path.startswith(STAFF):
            yield self.readers
        yield self.all


def _release(taken: list[threading.BoundedSemaphore]) -> None:
    while taken:
        taken.pop().release()


class _Leaving:
    """An answer of Flask; its place is free again when the server has sent it."""

    def __init__(self, body: Iterable[bytes], leave: Callable[[], None]) -> None:
        self.body = body
        self.leave = leave

    def __iter__(self) -> Iterator[bytes]:
        yield from self.body
        self.leave()

    def close(self) -> None:
        try:
            if hasattr(self.body, "close"):
                self.body.close()
        finally:
            self.leave()

    def __del__(self) -> None:
        # A server that drops an answer without closing it must not lose the place for ever.
        self.leave()


def _answer(page: Page, environ: Environ, start_response: StartResponse, *, with_body: bool) -> list[bytes]:
    encoding = negotiate(environ.get("HTTP_ACCEPT_ENCODING"), page.bodies)
    if encoding is None:
        return _refuse(start_response, "406 Not Acceptable", [("Vary", "Accept-Encoding")])
    headers = _headers(page, encoding)
    if "HTTP_IF_NONE_MATCH" in environ or "HTTP_IF_MODIFIED_SINCE" in environ:
        etag = dict(headers)["ETag"]
        if not is_resource_modified(
            environ, etag=etag.strip('"'), last_modified=datetime.fromisoformat(page.entry.modified)
        ):
            start_response("304 Not Modified", headers)
            return []
    body = page.bodies[encoding]
    start_response("200 OK", [*headers, ("Content-Type", _typed(page)), ("Content-Length", str(len(body)))])
    return [body] if with_body else []


def _headers(page: Page, encoding: str) -> list[tuple[str, str]]:
    entry = page.entry
    suffix = "" if encoding == "identity" else f"-{encoding}"
    headers = [
        ("ETag", f'"{entry.etag}{suffix}"'),
        ("Last-Modified", format_datetime(datetime.fromisoformat(entry.modified), usegmt=True)),
        ("Cache-Control", entry.cache),
        ("Vary", "Accept-Encoding"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if encoding != "identity":
        headers.append(("Content-Encoding", encoding))
    if entry.cross_origin:
        headers.append(("Access-Control-Allow-Origin", "*"))
    if entry.media_type == "text/html":
        headers.extend(PAGE_HEADERS)
    return headers


CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGE_HEADERS = (
    ("Content-Security-Policy", CONTENT_POLICY),
    ("Referrer-Policy", "no-referrer"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)


def _typed(page: Page) -> str:
    kind = page.entry.media_type
    return f"{kind}; charset=utf-8" if kind.startswith("text/") else kind


def negotiate(accepted: str | None, bodies: Mapping[str, bytes]) -> str | None:
    """The smallest body the reader takes (RFC 9110, 12.5.3); None when even identity is refused."""
    if accepted is None:
        return "identity"
    weights = {name.lower(): float(quality) for name, quality in parse_accept_header(accepted)}
    rest = weights.get("*")
    named = {"identity": weights.get("identity", rest if rest == 0 else 0.001)}
    named |= {name: weights.get(name, rest or 0.0) for name in ("br", "gzip")}
    usable = {name: quality for name, quality in named.items() if quality > 0 and name in bodies}
    order = ("br", "gzip", "identity")
    return max(usable, key=lambda name: (usable[name], -order.index(name)), default=None)


def _refuse(start_response: StartResponse, status: str, headers: list[tuple[str, str]]) -> list[bytes]:
    body = f"{status[4:]}\n".encode()
    fixed = [("Content-Type", "text/plain"), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, [*headers, *fixed])
    return [body]


def follow(store: Store, stop: threading.Event) -> threading.Thread:
    """Start the thread that keeps the store's memory in step with its folder."""

    def watch() -> None:
        while not stop.wait(FOLLOW_EVERY):
            store.follow()

    thread = threading.Thread(target=watch, name="follow-published", daemon=True)
    thread.start()
    return thread
