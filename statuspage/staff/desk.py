"""What every staff page shares: who is signed in, the language, the frame around the page."""

import secrets
from dataclasses import dataclass
from typing import Any

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from statuspage.accounts.queries import SignedIn
from statuspage.audit.actions import Actor
from statuspage.i18n import noop, translate
from statuspage.staff.permissions import Permission, allows
from statuspage.web.site import site

SIGNED_IN = "statuspage.staff"
DOOR = "statuspage.door"


@dataclass(frozen=True)
class Entry:
    """A line of the menu: who sees it."""

    path: str
    label: str
    need: Permission = Permission.READ


# One line per list page, in the order of the menu.
MENU = [
    Entry("/staff/", noop("Desk")),
    Entry("/staff/incidents/", noop("Incidents")),
    Entry("/staff/estimates/", noop("Estimates")),
    Entry("/staff/maintenance/", noop("Planned work")),
    Entry("/staff/faq/", noop("Questions")),
    Entry("/staff/panels/", noop("Panels")),
    Entry("/staff/probes/", noop("Probes")),
    Entry("/staff/recovery/", noop("Restoration")),
    Entry("/staff/accounts/", noop("People"), Permission.PEOPLE),
    Entry("/staff/tokens/", noop("API tokens"), Permission.TOKENS),
    Entry("/staff/audit/", noop("Audit log")),
]
# What a page says after a redirect, by the word in `?done=`. Modules of pages add theirs with `notice`.
NOTICES: dict[str, str] = {}


def notice(key: str, words: str) -> str:
    """Register what a page says after an act; returns the key for `done`."""
    NOTICES[key] = words
    return key


SAVED = notice("saved", noop("Saved."))
PUBLISHED = notice("published", noop("Saved and published."))


def me() -> SignedIn:
    """Who is signed in. Only behind the staff guard."""
    found: SignedIn = request.environ[SIGNED_IN]
    return found


def arrived() -> SignedIn | None:
    """Whose session this is, also one that still owes a code: for the door alone."""
    return request.environ.get(SIGNED_IN)


def somebody() -> SignedIn | None:
    """Who is signed in, where that may be nobody: the door, error pages. Who owes a code is nobody yet."""
    found = arrived()
    return None if found is None or found.needs_code else found


def actor() -> Actor:
    """The signed-in person, for the audit log."""
    return Actor(f"staff:{me().staff_id}", request.remote_addr)


def csrf() -> str:
    """The value that every form of this page carries: the session's, or the door's cookie before sign-in."""
    found = arrived()
    return found.csrf if found else door_secret()


def door_secret() -> str:
    """The value of the cookie that stands for a browser that has not signed in yet."""
    kept: str = request.environ.setdefault(DOOR, request.cookies.get(door_cookie()) or secrets.token_urlsafe(32))
    return kept


# A `__Host-` cookie must have the path `/`; ours keep to `/staff`, so that public pages never see them.
def session_cookie() -> str:
    return "__Secure-staff" if over_https() else "staff"


def door_cookie() -> str:
    return "__Secure-staff-door" if over_https() else "staff-door"


def over_https() -> bool:
    return site().settings.base_url.startswith("https")


def keep_cookie(response: AnyResponse, name: str, value: str, max_age: int | None = None) -> None:
    """Set a cookie that only the desk's pages get, and no script."""
    response.set_cookie(name, value, max_age=max_age, path="/staff", secure=over_https(), httponly=True, samesite="Lax")


def locale() -> str:
    """The reader's language: as chosen, else as the browser asks, else the site's own."""
    known = site().settings.locales
    found = arrived()
    wished = found.locale if found else request.accept_languages.best_match(known)
    return wished if wished in known else known[0]


def say(message: str, /, **values: object) -> str:
    """A message in the reader's language."""
    return translate(locale(), message, **values)


def page(template: str, /, status: int = 200, **context: Any) -> Response:
    """One page of the desk in its frame."""
    return Response(render(template, **context), status, mimetype="text/html")


def render(template: str, /, **context: Any) -> str:
    person = somebody()
    frame = {
        "me": person,
        "menu": [one for one in MENU if person and allows(person.role, one.need)],
        "path": request.path,
        "csrf": csrf(),
        "brand": site().publisher.brand,
        "public": site().store.snapshot(),
        "notice": NOTICES.get(request.args.get("done", "")),
    }
    return site().pages.render(locale(), template, **{**frame, **context})


def error_page(status: int, message: str) -> str:
    """What went wrong and what to do next, in the desk's frame."""
    return render("staff/error.html", status=status, message=message)


def done(path: str, key: str = SAVED) -> AnyResponse:
    """Go to a page after an act, and have it say so."""
    return redirect(f"{path}{'&' if '?' in path else '?'}done={key}", 303)
