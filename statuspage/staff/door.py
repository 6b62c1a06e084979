"""The door: signing in by password or one-time link, signing out, one's own password and language."""

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, HiddenField, PasswordField

from statuspage import clock
from statuspage.accounts import actions, queries, rules
from statuspage.accounts.actions import Visitor
from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.errors import Invalid, NotFound
from statuspage.i18n import NAMES, noop
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.web import policy
from statuspage.web.limits import limiter

WRONG = noop("The e-mail address or the password is wrong. If you have no password yet, ask for a sign-in link.")
WRONG_OLD = noop("This is not your password.")
USED = noop("This link was used already, or it is too old. Ask an administrator for a new one.")
PASSWORD_SET = desk.notice("password", noop("The new password holds from now on. All other sessions have ended."))
# By address, and by account over all addresses: short windows slow a guesser down and lock nobody out for long.
PER_ADDRESS = "30 per 5 minutes"
PER_ACCOUNT = "10 per minute"


class SignIn(StaffForm):
    """Who are you?"""

    email = EmailField(noop("E-mail"), [Needed()], render_kw={"autocomplete": "username", "autofocus": True})
    password = PasswordField(noop("Password"), [Needed()], render_kw={"autocomplete": "current-password"})
    next = HiddenField()


class NewPassword(StaffForm):
    """A password of one's own."""

    old = PasswordField(noop("Your password until now"), render_kw={"autocomplete": "current-password"})
    password = PasswordField(
        noop("New password"),
        [Needed()],
        description=noop("At least 12 characters; a few words in a row are best."),
        render_kw={"autocomplete": "new-password"},
    )


class Language(StaffForm):
    """The language of the desk."""

    locale = ChoiceField(noop("Language of the desk"), words=NAMES)


def register(app: Flask) -> None:
    app.add_url_rule("/staff/sign-in/", "staff.sign_in", sign_in, methods=["GET", "POST"])
    app.add_url_rule("/staff/sign-in/<token>", "staff.link", by_link, methods=["GET", "POST"])
    app.add_url_rule("/staff/sign-out", "staff.sign_out", sign_out, methods=["POST"])
    app.add_url_rule("/staff/me/", "staff.me", about_me, methods=["GET", "POST"])
    app.add_url_rule("/staff/me/password", "staff.password", set_password, methods=["GET", "POST"])


def failed(response: Response) -> bool:
    """Whether a try counts: only wrong ones do."""
    return response.status_code >= 400


def account() -> str:
    return f"account:{request.form.get('email', '').strip().casefold()[:320]}"


@policy.public
@limiter.limit(PER_ADDRESS, methods=["POST"], deduct_when=failed)
@limiter.limit(PER_ACCOUNT, methods=["POST"], deduct_when=failed, key_func=account)
def sign_in() -> AnyResponse:
    form = SignIn.received(next=request.args.get("next", ""))
    if form.accepted():
        secret = prove(form.email.data, form.password.data)
        if secret is not None:
            return enter(secret, rules.local_path(form.next.data))
        form.refuse(WRONG, 401)
    # Not echoed: the answer is the same, byte by byte, whoever was asked for.
    form.email.data = None
    return desk.page("staff/sign_in.html", form.status, form=form)


def prove(email: str, password: str) -> str | None:
    """A session for the right password. The slow check runs before the transaction that writes."""
    with reading() as session:
        known = queries.credentials(session, email.strip().casefold())
    proved = rules.is_password(known.password_hash if known else None, password)
    with transaction(quiet=True) as session:
        return actions.sign_in(session, known, visitor(), proved=proved)


def visitor() -> Visitor:
    return Visitor(request.remote_addr, request.headers.get("User-Agent"))


def enter(secret: str, path: str) -> AnyResponse:
    """Go on with a new session; the one before it, if any, ends."""
    person = desk.somebody()
    if person is not None:
        with transaction(quiet=True) as session:
            actions.sign_out(session, person.token_hash, desk.actor())
    response = redirect(path, 303)
    desk.keep_cookie(response, desk.session_cookie(), secret, int(rules.ABSOLUTE.total_seconds()))
    return response


@policy.public
def by_link(token: str) -> AnyResponse:
    """A GET shows a button only: previews of links in mail and chat must not use it up."""
    form = Act.received()
    if form.accepted():
        with transaction(quiet=True) as session:
            secret = actions.use_link(session, token, visitor())
        return enter(secret, rules.HOME)
    with reading() as session:
        if not queries.link_works(session, token, clock.wall()):
            raise NotFound(USED)
    return desk.page("staff/link.html", form.status, form=form)


@policy.needs("staff", Role.VIEWER)
def sign_out() -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.sign_out(session, desk.me().token_hash, desk.actor())
    response = redirect("/staff/sign-in/", 303)
    response.delete_cookie(desk.session_cookie(), path="/staff", secure=desk.over_https(), httponly=True)
    return response


@policy.needs("staff", Role.VIEWER)
def about_me() -> AnyResponse:
    form = Language.received(locale=desk.locale())
    if form.accepted():
        with transaction(quiet=True) as session:
            actions.speak(session, desk.me().staff_id, form.locale.data)
        return desk.done("/staff/me/")
    return desk.page("staff/me.html", form.status, form=form)


@policy.needs("staff", Role.VIEWER)
@limiter.limit(PER_ACCOUNT, methods=["POST"], deduct_when=failed, key_func=lambda: f"staff:{desk.me().staff_id}")
def set_password() -> AnyResponse:
    form = NewPassword.received()
    if form.accepted() and knows_the_old_one(form):
        hashed = rules.hash_password(form.password.data)
        with transaction(quiet=True) as session:
            secret = actions.set_password(session, desk.me().staff_id, hashed, visitor())
        response = desk.done("/staff/", PASSWORD_SET)
        desk.keep_cookie(response, desk.session_cookie(), secret, int(rules.ABSOLUTE.total_seconds()))
        return response
    return desk.page("staff/password.html", form.status, form=form, needs_old=needs_old())


def needs_old() -> bool:
    """Whoever came by a one-time link may have forgotten the password."""
    return desk.me().has_password and not desk.me().by_link


def knows_the_old_one(form: NewPassword) -> bool:
    """Whether the old password was given (where one is asked for) and the new one is good."""
    try:
        rules.check_new_password(form.password.data, desk.me().email)
    except Invalid as error:
        form.refuse(error.template)
        form.password.errors = [form.say(one.reason) for one in error.fields]
        return False
    with reading() as session:
        known = queries.credentials(session, desk.me().email)
    if needs_old() and not rules.is_password(known.password_hash if known else None, form.old.data or ""):
        form.refuse(WRONG_OLD)
        form.old.errors = [form.say(WRONG_OLD)]
        return False
    return True
