"""The people of the staff: list, invitation by a one-time link, role, shutting out. For administrators."""

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import EmailField, StringField

from statuspage.accounts import actions, queries
from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.i18n import NAMES, noop
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, Limit, Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.web import policy
from statuspage.web.site import site

LIST = "/staff/accounts/"
ROLES = {
    Role.VIEWER: noop("viewer: sees everything here, changes nothing"),
    Role.EDITOR: noop("editor: writes what the public sees"),
    Role.ADMIN: noop("administrator: also people, keys and settings"),
}
ROLE_SET = desk.notice("role", noop("The role is changed. The person signs in again."))
DISABLED = desk.notice("disabled", noop("The person is shut out and signed out everywhere."))
ENABLED = desk.notice("enabled", noop("The person may come in again."))


class Invitation(StaffForm):
    """A new person."""

    email = EmailField(noop("E-mail"), [Needed(), Limit(254)])
    name = StringField(noop("Name of the person"), [Limit(100)])
    role = ChoiceField(noop("Role"), words=ROLES)
    locale = ChoiceField(noop("Language of the desk"), words=NAMES)


class RoleForm(StaffForm):
    """Another role for somebody."""

    role = ChoiceField(noop("Role"), words=ROLES)


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.accounts", people, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/", "staff.account", person, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/link", "staff.account_link", new_link, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/disable", "staff.disable", disable, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:staff_id>/enable", "staff.enable", enable, methods=["POST"])


def link_address(secret: str) -> str:
    """The address that signs in once; on the host where the desk answers."""
    settings = site().settings
    scheme = settings.base_url.split(":", 1)[0]
    base = f"{scheme}://{settings.staff_host}" if settings.staff_host else settings.base_url
    return f"{base}/staff/sign-in/{secret}"


@policy.needs("staff", Role.ADMIN)
def people() -> Response:
    form = Invitation.received(locale=desk.locale(), role=Role.EDITOR)
    if form.accepted():
        with form.saving(quiet=True) as session:
            fields = {one: form[one].data for one in ("email", "name", "role", "locale")}
            staff = actions.add(session, **fields, actor=desk.actor())
            secret = actions.make_link(session, staff, desk.actor())
        if form.saved:
            return desk.page("staff/new_link.html", person=staff, link=link_address(secret))
    with reading() as session:
        return desk.page("staff/accounts.html", form.status, form=form, people=queries.everybody(session), roles=ROLES)


@policy.needs("staff", Role.ADMIN)
def person(staff_id: int) -> AnyResponse:
    with reading() as session:
        staff = queries.person(session, staff_id)
    form = RoleForm.received(obj=staff)
    if form.accepted():
        with form.saving(quiet=True) as session:
            actions.set_role(session, staff_id, form.role.data, desk.actor())
        if form.saved:
            return desk.done(LIST, ROLE_SET)
    return desk.page("staff/account.html", form.status, form=form, person=staff)


@policy.needs("staff", Role.ADMIN)
def new_link(staff_id: int) -> Response:
    Act.received().demand()
    with transaction(quiet=True) as session:
        staff = queries.person(session, staff_id)
        secret = actions.make_link(session, staff, desk.actor())
    return desk.page("staff/new_link.html", person=staff, link=link_address(secret))


@policy.needs("staff", Role.ADMIN)
def disable(staff_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.disable(session, staff_id, desk.actor())
    return desk.done(LIST, DISABLED)


@policy.needs("staff", Role.ADMIN)
def enable(staff_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.enable(session, staff_id, desk.actor())
    return desk.done(LIST, ENABLED)
