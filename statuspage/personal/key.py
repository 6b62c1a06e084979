"""The reader's key: a cookie for their own page alone, and forms that only our own pages may send."""

from typing import Any

from flask import request

from statuspage import clock
from statuspage.db import reading
from statuspage.errors import Forbidden
from statuspage.i18n import noop
from statuspage.recovery.queries.accounts import by_link
from statuspage.web.site import site

SLOT = "statuspage.account"
COOKIE = "recovery"
NO_KEY = noop("This page opens with your own link, and this one does not work any more. Ask for a new one.")
ELSEWHERE = noop("This form was sent from another site. Open the page here and try again.")


def guard(need: Any) -> None:
    """`account`: a live link in the cookie. `form`: sent by a page of ours. `act`: both."""
    if need in {"form", "act"} and request.method == "POST" and not is_own():
        raise Forbidden(ELSEWHERE)
    if need == "form":
        return
    with reading() as session:
        found = by_link(session, request.cookies.get(COOKIE, ""), clock.wall())
        if found is None:
            raise Forbidden(NO_KEY)
        request.environ[SLOT] = found.id


def account_id() -> int:
    """Whose page this is; only behind the guard."""
    found: int = request.environ[SLOT]
    return found


def is_own() -> bool:
    """Whether a form came from our own pages. Under `no-referrer` browsers send `Origin: null`, so Sec-Fetch-Site
    speaks first; what sends neither is no browser, so nobody's login can be misused by it."""
    fetched = request.headers.get("Sec-Fetch-Site")
    if fetched is not None:
        return fetched in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is None or origin in {site().settings.base_url, request.host_url.rstrip("/")}


def locale() -> str:
    """The locale of the path."""
    locales = site().settings.locales
    first = request.path.split("/", 2)[1]
    return first if first in locales[1:] else locales[0]
