"""Dangerous acts ask once more who is there: which ones do, and the page that asks and loses nothing of the form."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField

from statuspage import clock
from statuspage.accounts import actions, rules
from statuspage.accounts.queries import SignedIn
from statuspage.db import reading, transaction
from statuspage.factors.queries import factor
from statuspage.i18n import noop
from statuspage.staff import desk, door, own
from statuspage.staff.fields import Limit, Needed
from statuspage.staff.forms import StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy
from statuspage.web.limits import limiter
from statuspage.web.site import site

CONFIRM = "/staff/confirm"
FIRST_PASSWORD = "/staff/me/password"  # noqa: S105  # an address
WRONG = noop("This is neither your password nor a code that fits. What you sent is kept: try again.")
TRIES = "5 per 5 minutes; 20 per hour"
SECRETS = {"old", "password"}


@dataclass(frozen=True)
class Danger:
    """Acts at addresses that begin like this."""

    path: str
    methods: frozenset[str]

    def holds(self, path: str, method: str) -> bool:
        return method in self.methods and re.match(self.path, path) is not None


READING, SENDING = frozenset({"GET", "HEAD"}), frozenset({"POST"})
DANGERS = (
    # Asked for before the form is shown: a password that was typed is not carried from page to page.
    Danger(r"/staff/me/(password|factor)", READING | SENDING),
    Danger(r"/staff/accounts/", SENDING),
    Danger(r"/staff/tokens/", SENDING),
    Danger(r"/staff/probes/\d+/token", SENDING),
    Danger(r"/staff/recovery/\d+/(link|revoke)", SENDING),
    Danger(r"/staff/recovery/export", READING),
    Danger(r"/staff/audit/export", READING),
)


class Confirmation(StaffForm):
    """Proof of who is there. Its names have a prefix, so that the fields of the form that waits keep theirs."""

    prefix = "confirm-"
    proof = PasswordField(
        noop("Your password, or a code of your app"),
        [Needed(), Limit(rules.LONGEST)],
        render_kw={"autocomplete": "current-password", "autofocus": True},
    )


def register(app: Flask) -> None:
    app.add_url_rule(CONFIRM, "staff.confirm", confirm, methods=["GET", "POST"])


def is_due(person: SignedIn) -> bool:
    """Whether this request is for a dangerous act, and its last confirmation too long ago."""
    if not any(one.holds(request.path, request.method) for one in DANGERS):
        return False
    if rules.is_confirmed(person.confirmed_at, clock.wall()):
        return False
    # Who has nothing to confirm with sets a password first.
    return request.path != FIRST_PASSWORD or can_confirm(person)


def can_confirm(person: SignedIn) -> bool:
    with reading() as session:
        return person.has_password or factor(session, person.staff_id) is not None


def ask() -> AnyResponse:
    """Ask before going on: a form that was sent waits in the page."""
    to = request.full_path.rstrip("?")
    if request.method != "POST":
        return redirect(f"{CONFIRM}?to={quote(to, safe='')}", 303)
    return page(Confirmation.received(), to, 403)


@policy.needs("staff", Permission.OWN)
@limiter.limit(TRIES, methods=["POST"], deduct_when=door.failed, key_func=own.this_session)
def confirm() -> AnyResponse:
    to = rules.local_path(request.args.get("to"))
    form = Confirmation.received()
    if form.accepted():
        if proves(form.proof.data):
            return redirect(to, 307 if waiting() else 303)
        form.refuse(WRONG, 401)
    return page(form, to, form.status)


def proves(words: str) -> bool:
    """Whether it is the password or a code of who is signed in; if so the session is confirmed."""
    proved = own.is_mine(words)
    with transaction(quiet=True) as session:
        return actions.confirm(session, site().settings.secret, desk.me(), words, desk.actor(), proved=proved)


def waiting() -> Sequence[tuple[str, str]]:
    """The fields of the form that waits, as they were sent; its token too, which its own view will check."""
    sent = request.form.items(multi=True)
    return [(name, words) for name, words in sent if not name.startswith(Confirmation.prefix) and name not in SECRETS]


def page(form: Confirmation, to: str, status: int) -> Response:
    able = can_confirm(desk.me())
    return desk.page("staff/confirm.html", status, form=form, to=to, waiting=waiting(), able=able)
