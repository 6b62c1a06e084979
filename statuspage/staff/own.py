"""One's own account: the language of the desk and the password."""

from flask import Flask
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField

from statuspage.accounts import actions, queries, rules
from statuspage.db import reading, transaction
from statuspage.errors import Invalid
from statuspage.i18n import NAMES, noop
from statuspage.staff import desk, door
from statuspage.staff.fields import ChoiceField, Needed
from statuspage.staff.forms import StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy
from statuspage.web.limits import limiter

WRONG_OLD = noop("This is not your password.")
PASSWORD_SET = desk.notice("password", noop("The new password holds from now on. All other sessions have ended."))
PER_SESSION = "10 per minute"


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
    app.add_url_rule("/staff/me/", "staff.me", about_me, methods=["GET", "POST"])
    app.add_url_rule("/staff/me/password", "staff.password", set_password, methods=["GET", "POST"])


def this_session() -> str:
    return f"session:{desk.me().token_hash.hex()}"


@policy.needs("staff", Permission.OWN)
def about_me() -> AnyResponse:
    form = Language.received(locale=desk.locale())
    if form.accepted():
        with transaction(quiet=True) as session:
            actions.speak(session, desk.me().staff_id, form.locale.data)
        return desk.done("/staff/me/")
    return desk.page("staff/me.html", form.status, form=form)


@policy.needs("staff", Permission.OWN)
@limiter.limit(PER_SESSION, methods=["POST"], deduct_when=door.failed, key_func=this_session)
def set_password() -> AnyResponse:
    form = NewPassword.received()
    if form.accepted() and knows_the_old_one(form):
        hashed = rules.hash_password(form.password.data)
        with transaction(quiet=True) as session:
            secret = actions.set_password(session, desk.me().staff_id, hashed, door.visitor())
        return door.go_on(desk.done("/staff/", PASSWORD_SET), secret, desk.me().email)
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
    if needs_old() and not is_mine(form.old.data or ""):
        form.refuse(WRONG_OLD)
        form.old.errors = [form.say(WRONG_OLD)]
        return False
    return True


def is_mine(password: str) -> bool:
    """Whether this is the password of who is signed in."""
    with reading() as session:
        known = queries.credentials(session, desk.me().email)
    return rules.is_password(known.password_hash if known else None, password)
