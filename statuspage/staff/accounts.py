"""The people of the staff: list, invitation by a one-time link, role, shutting out. For administrators."""

from flask import Flask, Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, StringField

from statuspage import clock
from statuspage.accounts import actions, queries
from statuspage.accounts.models import Staff
from statuspage.accounts.rules import LIVES, LinkLife, Role
from statuspage.db import reading, transaction
from statuspage.factors.queries import factor, who_has_one
from statuspage.i18n import NAMES, noop
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, Limit, Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.staff.permissions import TABLE, Permission
from statuspage.web import policy
from statuspage.web.site import site

LIST = "/staff/accounts/"
ROLES = {
    Role.VIEWER: noop("viewer: sees everything here, changes nothing"),
    Role.EDITOR: noop("editor: writes what the public sees"),
    Role.ADMIN: noop("administrator: also people, keys and settings"),
}
NAMES_OF_ROLES = {Role.VIEWER: noop("viewer"), Role.EDITOR: noop("editor"), Role.ADMIN: noop("administrator")}
LIFE = noop("How long does the link work?")
LIFE_WORDS = {
    LinkLife.SOON: noop("30 minutes: for somebody who waits for it"),
    LinkLife.DAY: noop("24 hours: for somebody who reads it later"),
}
PROMISES = {
    LinkLife.SOON: noop("For %(who)s: it works once, within 30 minutes, and is shown here only now."),
    LinkLife.DAY: noop("For %(who)s: it works once, within 24 hours, and is shown here only now."),
}
ROLE_SET = desk.notice("role", noop("The role is changed. The person signs in again."))
DISABLED = desk.notice("disabled", noop("The person is shut out and signed out everywhere."))
SIGNED_OUT = desk.notice("signed-out", noop("The person is signed out everywhere."))
FACTOR_OFF = desk.notice("their-factor-off", noop("The second factor is off, and the person is signed out everywhere."))
ENABLED = desk.notice("enabled", noop("The person may come in again."))


class Invitation(StaffForm):
    """A new person."""

    email = EmailField(noop("E-mail"), [Needed(), Limit(254)])
    name = StringField(noop("Name of the person"), [Limit(100)])
    role = ChoiceField(noop("Role"), words=ROLES)
    locale = ChoiceField(noop("Language of the desk"), words=NAMES)
    life = ChoiceField(LIFE, words=LIFE_WORDS, default=LinkLife.SOON)


class LinkForm(StaffForm):
    """Another way in for somebody."""

    life = ChoiceField(LIFE, words=LIFE_WORDS, default=LinkLife.SOON)


class RoleForm(StaffForm):
    """Another role for somebody."""

    role = ChoiceField(noop("Role"), words=ROLES)


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.accounts", people, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/", "staff.account", person, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/link", "staff.account_link", new_link, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/sessions/end", "staff.sign_out_other", end_sessions, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/factor/off", "staff.their_factor_off", factor_off, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/disable", "staff.disable", disable, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/enable", "staff.enable", enable, methods=["POST"])


def link_address(secret: str) -> str:
    """The address that signs in once; on the host where the desk answers."""
    settings = site().settings
    scheme = settings.base_url.split(":", 1)[0]
    base = f"{scheme}://{settings.staff_host}" if settings.staff_host else settings.base_url
    return f"{base}/staff/sign-in/{secret}"


@policy.needs("staff", Permission.PEOPLE)
def people() -> Response:
    form = Invitation.received(locale=desk.locale(), role=Role.EDITOR)
    if form.accepted():
        with form.saving(quiet=True) as session:
            fields = {one: form[one].data for one in ("email", "name", "role", "locale")}
            staff = actions.add(session, **fields, actor=desk.actor())
            secret = actions.make_link(session, staff, desk.actor(), LIVES[form.life.data])
        if form.saved:
            return show_link(staff, secret, form.life.data)
    with reading() as session:
        return desk.page("staff/accounts.html", form.status, form=form, roles=ROLES, **listed(session))


def listed(session: Session) -> dict[str, object]:
    """All people, who of them has a second factor, and when who is signed in was seen last."""
    open_now = queries.open_sessions(session, clock.wall())
    seen = {one.staff_id: one.seen_at for one in reversed(open_now)}
    known = {"people": queries.everybody(session), "guarded": who_has_one(session), "seen": seen}
    return {**known, "permissions": TABLE.values(), "columns": list(Role), "role_names": NAMES_OF_ROLES}


def show_link(staff: Staff, secret: str, life: LinkLife) -> Response:
    return desk.page("staff/new_link.html", person=staff, link=link_address(secret), promise=PROMISES[life])


@policy.needs("staff", Permission.PEOPLE)
def person(staff_id: int) -> AnyResponse:
    with reading() as session:
        staff = queries.person(session, staff_id)
    form = RoleForm.received(obj=staff)
    if form.accepted():
        with form.saving(quiet=True) as session:
            actions.set_role(session, staff_id, form.role.data, desk.actor())
        if form.saved:
            return desk.done(LIST, ROLE_SET)
    with reading() as session:
        found = {
            "sessions": queries.open_sessions(session, clock.wall(), staff_id),
            "factor": factor(session, staff_id),
        }
    return desk.page("staff/account.html", form.status, form=form, link_form=LinkForm.received(), person=staff, **found)


@policy.needs("staff", Permission.PEOPLE)
def new_link(staff_id: int) -> Response:
    form = LinkForm.received()
    form.demand()
    with transaction(quiet=True) as session:
        staff = queries.person(session, staff_id)
        secret = actions.make_link(session, staff, desk.actor(), LIVES[form.life.data])
    return show_link(staff, secret, form.life.data)


@policy.needs("staff", Permission.PEOPLE)
def end_sessions(staff_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.end_sessions_of(session, queries.person(session, staff_id).id, desk.actor())
    return desk.done(f"{LIST}{staff_id}/", SIGNED_OUT)


@policy.needs("staff", Permission.PEOPLE)
def factor_off(staff_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.turn_off_factor(session, queries.person(session, staff_id).id, desk.actor())
    return desk.done(f"{LIST}{staff_id}/", FACTOR_OFF)


@policy.needs("staff", Permission.PEOPLE)
def disable(staff_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.disable(session, staff_id, desk.actor())
    return desk.done(LIST, DISABLED)


@policy.needs("staff", Permission.PEOPLE)
def enable(staff_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.enable(session, staff_id, desk.actor())
    return desk.done(LIST, ENABLED)
