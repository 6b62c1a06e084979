"""The floor of our front: the same server, and an application that knows one answer and asks nothing."""

from collections.abc import Callable
from typing import Any

from statuspage.app import assemble
from statuspage.front.answers import Answer
from statuspage.settings import load

page = assemble(load()).store.follow().pages["/"]
_, _, HEADERS = Answer(page).kinds["gzip"]
BODY = [page.body("gzip")]


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    start_response("200 OK", HEADERS)
    return BODY
