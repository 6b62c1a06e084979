"""Who may pass: the session behind the cookie, roles, the host, and where a form was sent from."""

from contextlib import suppress
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

from flask import Flask, abort, redirect, request
from werkzeug.wrappers import Response

from statuspage import clock
from statuspage.accounts import actions, queries
from statuspage.accounts.queries import SignedIn
from statuspage.db import reading, transaction
from statuspage.errors import Forbidden, NotFound, Unauthorised, Unavailable
from statuspage.i18n import noop
from statuspage.settings import Settings
from statuspage.staff import confirming, desk
from statuspage.staff.permissions import allows
from statuspage.web.site import site

LOOPBACK = {"127.0.0.1", "localhost", "[::1]"}
NOTE_PATIENCE = 0.2
SAFE = {"GET", "HEAD", "OPTIONS"}
CODE = "/staff/code"
CODE_FIRST = noop(
    "Your code is missing, and nothing was saved. Enter it in another tab, come back and send this again."
)
SIGNED_OUT = noop("You are signed out, and nothing was saved. Sign in in another tab, come back and send it again.")
TOO_LITTLE = noop("Your role does not allow this. Ask an administrator if you need it.")
ELSEWHERE = noop(
    "The browser did not say that this form comes from this site, so nothing was saved. "
    "Open the desk at its own address and send the form again; your text is still there when you go back."
)


def guard(need: Any) -> None:
    """Let through whose role may do what the view `need`s, and who was asked lately before a dangerous act."""
    person = desk.somebody()
    if person is None:
        _to_the_door()
    if not allows(person.role, need):
        raise Forbidden(TOO_LITTLE)
    if confirming.is_due(person):
        abort(confirming.ask())


def session_guard(need: Any) -> None:
    """Let through whoever has a session, also one that still owes a code."""
    if desk.arrived() is None:
        _to_the_door()


def _to_the_door() -> NoReturn:
    half = desk.arrived() is not None
    if request.method in {"GET", "HEAD"}:
        page = CODE if half else "/staff/sign-in/"
        abort(redirect(f"{page}?next={quote(request.full_path.rstrip('?'), safe='')}", 303))
    raise Unauthorised(CODE_FIRST if half else SIGNED_OUT)


def install(app: Flask) -> None:
    """Learn who asks before any guard is asked; check the host and the origin; keep pages private."""

    @app.before_request
    def arrive() -> None:
        if not request.path.startswith("/staff"):
            return
        settings = site().settings
        if settings.staff_host and settings.staff_host not in {request.host, request.host.rsplit(":", 1)[0]}:
            raise NotFound("There is no such page here.")
        _recognise()
        if request.method not in SAFE and not is_own(settings):
            raise Forbidden(ELSEWHERE)

    # Who asks must be known when the policy is checked, so this goes first.
    hooks = app.before_request_funcs[None]
    hooks.insert(0, hooks.pop())

    @app.after_request
    def leave(response: Response) -> Response:
        if request.path.startswith("/staff"):
            # `no-referrer` would make the browser send `Origin: null` with our own forms. At the door the address
            # may hold a secret, so that only the origin goes out.
            at_the_door = request.path.startswith("/staff/sign-in/")
            response.headers["Referrer-Policy"] = "strict-origin" if at_the_door else "same-origin"
            secret = request.environ.get(desk.DOOR)
            if secret and secret != request.cookies.get(desk.door_cookie()):
                desk.keep_cookie(response, desk.door_cookie(), secret)
        return response


def is_own(settings: Settings) -> bool:
    """Whether a form was sent from a page of the desk: by Origin, and by Sec-Fetch-Site where there is one."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        return False
    origin = request.headers.get("Origin", "")
    scheme = urlsplit(settings.base_url).scheme
    if origin in {settings.base_url, f"{scheme}://{settings.staff_host}"}:
        return True
    # On one's own machine the desk is opened under several names and ports.
    return origin == f"http://{request.host}" and urlsplit(origin).hostname in LOOPBACK


def _recognise() -> None:
    secret = request.cookies.get(desk.session_cookie())
    if not secret:
        return
    now = clock.wall()
    with reading() as session:
        person = queries.signed_in(session, secret, now)
    if person is not None:
        request.environ[desk.SIGNED_IN] = person
        _note_use(person)


def _note_use(person: SignedIn) -> None:
    if clock.wall() - person.seen_at < actions.SEEN_EVERY:
        return
    # A page can be read while the database takes no writes; the next one notes the use.
    with suppress(Unavailable), transaction(quiet=True, patience=NOTE_PATIENCE) as session:
        actions.seen(session, person.token_hash)
