"""The door: signing in by password or one-time link, signing out."""

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, HiddenField, PasswordField

from statuspage import clock
from statuspage.accounts import actions, queries, rules
from statuspage.accounts.actions import Begun, Visitor
from statuspage.db import reading, transaction
from statuspage.errors import NotFound
from statuspage.i18n import noop
from statuspage.staff import desk, devices
from statuspage.staff.fields import Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.web import policy
from statuspage.web.limits import limiter

WRONG = noop("The e-mail address or the password is wrong. If you have no password yet, ask for a sign-in link.")
USED = noop("This link was used already, or it is too old. Ask an administrator for a new one.")
# By network, and by account for all browsers that never signed in to it: guessers use up no budget but their own.
PER_ADDRESS = "30 per 5 minutes"
PER_ACCOUNT = "10 per minute"


class SignIn(StaffForm):
    """Who are you?"""

    email = EmailField(noop("E-mail"), [Needed()], render_kw={"autocomplete": "username", "autofocus": True})
    password = PasswordField(noop("Password"), [Needed()], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


def register(app: Flask) -> None:
    app.add_url_rule("/staff/sign-in/", "staff.sign_in", sign_in, methods=["GET", "POST"])
    app.add_url_rule("/staff/sign-in/<token>", "staff.link", by_link, methods=["GET", "POST"])
    app.add_url_rule("/staff/sign-out", "staff.sign_out", sign_out, methods=["POST"])


def failed(response: Response) -> bool:
    """Whether a try counts: only wrong ones do."""
    return response.status_code >= 400


def asked_for() -> str:
    return request.form.get("email", "")


@policy.public
@limiter.limit(PER_ADDRESS, methods=["POST"], deduct_when=failed, exempt_when=lambda: devices.is_known(asked_for()))
@limiter.limit(PER_ACCOUNT, methods=["POST"], deduct_when=failed, key_func=lambda: devices.budget(asked_for()))
def sign_in() -> AnyResponse:
    form = SignIn.received(next=request.args.get("next", ""))
    if form.accepted():
        begun = prove(form.email.data, form.password.data)
        if begun is not None:
            return enter(begun, form.email.data, rules.local_path(form.next.data))
        form.refuse(WRONG, 401)
    # Not echoed: the answer is the same, byte by byte, whoever was asked for.
    form.email.data = None
    return desk.page("staff/sign_in.html", form.status, form=form)


def prove(email: str, password: str) -> Begun | None:
    """A session for the right password. The slow check runs before the transaction that writes."""
    with reading() as session:
        known = queries.credentials(session, email.strip().casefold())
    proved = rules.is_password(known.password_hash if known else None, password)
    with transaction(quiet=True) as session:
        return actions.sign_in(session, known, visitor(), proved=proved)


def visitor() -> Visitor:
    return Visitor(request.remote_addr, request.headers.get("User-Agent"))


def enter(begun: Begun, email: str | None, path: str) -> AnyResponse:
    """Go on with a new session; the one before it, if any, ends. Who owes a code is sent on to its page."""
    before = desk.arrived()
    if before is not None:
        with transaction(quiet=True) as session:
            actions.sign_out(session, before.token_hash, desk.actor())
    return go_on(redirect(path, 303), begun.secret, None if begun.needs_code else email)


def go_on(response: AnyResponse, secret: str, email: str | None) -> AnyResponse:
    """Answer with the cookie of a new session; for somebody who is in, this browser is known from now on."""
    desk.keep_cookie(response, desk.session_cookie(), secret, int(rules.ABSOLUTE.total_seconds()))
    if email is not None:
        devices.remember(response, email)
    return response


@policy.public
def by_link(token: str) -> AnyResponse:
    """A GET shows a button only: previews of links in mail and chat must not use it up."""
    form = Act.received()
    if form.accepted():
        with transaction(quiet=True) as session:
            begun = actions.use_link(session, token, visitor())
        return enter(begun, None, rules.HOME)
    with reading() as session:
        if not queries.link_works(session, token, clock.wall()):
            raise NotFound(USED)
    return desk.page("staff/link.html", form.status, form=form)


@policy.needs("session")
def sign_out() -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.sign_out(session, desk.me().token_hash, desk.actor())
    response = redirect("/staff/sign-in/", 303)
    response.delete_cookie(desk.session_cookie(), path="/staff", secure=desk.over_https(), httponly=True)
    return response
