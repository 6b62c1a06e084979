"""Answers GET and HEAD of published paths from memory: no Flask, no database, no system call."""

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from werkzeug.http import is_resource_modified

from statuspage import paths
from statuspage.front.answers import Answer, Headers, negotiate
from statuspage.front.asked import Hosts, Proxies, refused
from statuspage.front.patience import Patient
from statuspage.front.places import PLACES, Environ, Leaving, Limits
from statuspage.front.watch import Watch
from statuspage.publishing.documents import STALE_HIDDEN, STALE_SHOWN
from statuspage.publishing.pages import Page, compressed, etag_of

StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
# Paths whose answer depends on the reader's input: with this parameter they go on to Flask.
WITH_INPUT = {"which-panel": "created=", "faq": "q="}
# Below these Flask draws even its errors.
PROGRAMS = "/api/"
FLASKS = ("/staff/", PROGRAMS)
# What is published here is also written here.
WRITTEN = "/api/v1/"
# A page that is not being refreshed is kept shortly, so that the next one is seen as soon as there is one.
STALE_CACHE = "public, max-age=5, stale-if-error=86400"
MAX_AGE = 10


class Front:
    """The layer around Flask. `knows` tells whether Flask has a view for a path."""

    def __init__(
        self,
        inner: Application,
        watch: Watch,
        locales: tuple[str, ...],
        hosts: Hosts,
        knows: Callable[[str], bool],
        places: int = PLACES,
        proxies: Proxies | None = None,
    ) -> None:
        self.inner = inner
        self.watch = watch
        self.store = watch.store
        self.hosts = hosts
        self.knows = knows
        self.proxies = proxies or Proxies(())
        self.limits = Limits(places)
        self.answers: dict[str, Answer] = {}
        self.twins: dict[str, tuple[Page, Answer]] = {}
        self.prefixes = ["", *(f"/{locale}" for locale in locales[1:])]
        patterns = (re.escape(pattern).replace(r"\{\}", "[^/]+") for pattern in paths.PATTERNS.values())
        self.to_come = re.compile(f"(?:{'|'.join(self.prefixes)})(?:{'|'.join(patterns)})")
        self.with_input = {
            f"{prefix}/{name}/": parameter for prefix in self.prefixes for name, parameter in WITH_INPUT.items()
        }

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not self.hosts.is_ours(environ.get("HTTP_HOST")):
            return _refuse(start_response, "421 Misdirected Request", words=self.hosts.advice)
        path = environ.get("PATH_INFO", "")
        page = self.store.current.pages.get(path)
        if page is None or "RAW_URI" in environ or self._asks(path, environ):
            return self._elsewhere(path, page, environ, start_response)
        return self._published(path, page, environ, start_response)

    def _published(self, path: str, page: Page, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        if method not in ("GET", "HEAD"):
            return _refuse(start_response, "405 Method Not Allowed", [("Allow", "GET, HEAD")], path=path)
        answer = self._answer(path, page)
        encoding = negotiate(environ.get("HTTP_ACCEPT_ENCODING"), answer.encodings)
        if encoding is None:
            return _refuse(start_response, "406 Not Acceptable", [("Vary", "Accept-Encoding")], path=path)
        etag, light, full = answer.kinds[encoding]
        if self.watch.stale:
            light, full = self._told_stale(light), self._told_stale(full)
        if _is_known(environ, etag, answer):
            start_response("304 Not Modified", light)
            return []
        return self._send(start_response, "200 OK", full, answer.page, encoding, with_body=method == "GET")

    def _answer(self, path: str, page: Page) -> Answer:
        if self.watch.stale and page.bodies and page.entry.media_type == "text/html":
            return self._twin(path, page)
        if self.twins:
            self.twins = {}
        answer = self.answers.get(path)
        if answer is None or answer.page is not page:
            answer = self.answers[path] = Answer(page)
        return answer

    def _twin(self, path: str, page: Page) -> Answer:
        """The same page with its hidden notice shown: made from its bytes, once, without rendering."""
        known = self.twins.get(path)
        if known is not None and known[0] is page:
            return known[1]
        body = page.body().replace(STALE_HIDDEN, STALE_SHOWN)
        bodies = compressed("text/html", body)
        sizes = {encoding: len(one) for encoding, one in bodies.items()}
        twin = Page(replace(page.entry, etag=etag_of(body), sizes=sizes), bodies)
        answer = Answer(twin, STALE_CACHE)
        self.twins[path] = page, answer
        return answer

    def _told_stale(self, headers: Headers) -> Headers:
        """Says in a header that this is older than it should be (RFC 9211, the successor of `Warning`)."""
        return [*headers, ("Cache-Status", f"statuspage; hit; ttl={int(MAX_AGE - self.watch.age())}")]

    def _send(
        self,
        start_response: StartResponse,
        status: str,
        headers: Headers,
        page: Page,
        encoding: str,
        *,
        with_body: bool,
    ) -> list[bytes]:
        try:
            body = page.body(encoding) if with_body else b""
        except OSError:  # an archived page, swept in the moment of a swap: the next request finds the new one
            return _refuse(start_response, "503 Service Unavailable", [("Retry-After", "1")])
        start_response(status, headers)
        return [body] if with_body else []

    def _asks(self, path: str, environ: Environ) -> bool:
        """Whether Flask answers although there is a page: it depends on what is asked, or something is written."""
        if environ["REQUEST_METHOD"] == "POST" and path.startswith(WRITTEN):
            return self.knows(path)
        parameter = self.with_input.get(path)
        asked = environ.get("QUERY_STRING", "").split("&")
        return parameter is not None and any(part.startswith(parameter) for part in asked)

    def _elsewhere(
        self, path: str, page: Page | None, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """What is not simply published: bad addresses, Flask's, pages to come, and what does not exist."""
        refusal = refused(environ)
        if refusal is not None:
            return _refuse(start_response, refusal, path=path)
        if page is not None and not self._asks(path, environ):
            return self._published(path, page, environ, start_response)
        if path.startswith(FLASKS) or self.knows(path):
            return self._enter(environ, start_response)
        return self._missing(path, environ, start_response)

    def _missing(self, path: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """A page to come, an address without its last slash, or the published 404 in the language of the address."""
        pages = self.store.current.pages
        if not pages and self.to_come.fullmatch(path):
            return _refuse(start_response, "503 Service Unavailable", [("Retry-After", "2")])
        if f"{path}/" in pages:
            return _refuse(start_response, "301 Moved Permanently", [("Location", f"{path}/")])
        prefix = next((one for one in self.prefixes[1:] if path.startswith(f"{one}/")), "")
        page = pages.get(f"{prefix}/404.html")
        if page is None:
            return _refuse(start_response, "404 Not Found")
        encoding = negotiate(environ.get("HTTP_ACCEPT_ENCODING"), page.entry.sizes) or "identity"
        # No cache keeps it: the page may come to be.
        headers = [pair for pair in Answer(page, "no-store").kinds[encoding][2] if pair[0] not in NOT_OF_ERRORS]
        get = environ["REQUEST_METHOD"] != "HEAD"
        return self._send(start_response, "404 Not Found", headers, page, encoding, with_body=get)

    def _enter(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        client, path = self.proxies.client(environ), environ.get("PATH_INFO", "")
        if client is None:
            return _refuse(start_response, "400 Bad Request", path=path)
        environ["REMOTE_ADDR"] = client
        leave = self.limits.enter(environ)
        if leave is None:
            return _refuse(start_response, "503 Service Unavailable", [("Retry-After", "2")], path=path)
        if environ.get("wsgi.input_terminated"):
            environ["wsgi.input"] = body = Patient(environ)
            leave = partial(self.limits.part, leave, body)
        try:
            return Leaving(self.inner(environ, start_response), leave)
        except BaseException:
            leave()
            raise


NOT_OF_ERRORS = frozenset({"ETag", "Last-Modified"})


def _is_known(environ: Environ, etag: str, answer: Answer) -> bool:
    """Whether the reader has these bytes already."""
    match = environ.get("HTTP_IF_NONE_MATCH")
    if match == etag:
        return True
    if match is None and "HTTP_IF_MODIFIED_SINCE" not in environ:
        return False
    return not is_resource_modified(environ, etag=etag.strip('"'), last_modified=answer.modified)


def _refuse(
    start_response: StartResponse, status: str, headers: Headers | None = None, words: str = "", path: str = ""
) -> list[bytes]:
    """An error in a line of text, or as a problem (RFC 9457) where a program asks."""
    said, media_type = f"{words or status[4:]}\n", "text/plain"
    if path.startswith(PROGRAMS):
        told = {"type": "about:blank", "title": status[4:], "status": int(status[:3]), "detail": status[4:]}
        said, media_type = json.dumps(told), "application/problem+json"
    body = said.encode()
    fixed = [("Content-Type", media_type), ("Content-Length", str(len(body))), ("Cache-Control", "no-store")]
    start_response(status, [*(headers or []), *fixed])
    return [body]
