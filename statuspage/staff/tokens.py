"""API tokens at the desk: list, make (shown once), revoke. For administrators."""

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from statuspage import clock
from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.staff import desk
from statuspage.staff.fields import ChoicesField, Limit, MomentField, Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.tokens import actions, queries
from statuspage.tokens.rules import Scope
from statuspage.web import policy

LIST = "/staff/tokens/"
REVOKED = desk.notice("revoked", noop("The token is dead. Programs that use it get 401 from now on."))


class TokenForm(StaffForm):
    """A key for a program."""

    name = StringField(noop("What is it for?"), [Needed(), Limit(100)])
    scopes = ChoicesField(noop("What may it do?"), [Needed()], words={one: str(one) for one in Scope})
    expires_at = MomentField(noop("Until when?"), description=noop("Leave it empty for: until it is revoked."))


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.tokens", tokens, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:token_id>/revoke", "staff.revoke", revoke, methods=["POST"])


@policy.needs("staff", Role.ADMIN)
def tokens() -> Response:
    form = TokenForm.received()
    if form.accepted():
        with form.saving(quiet=True) as session:
            fields = {one: form[one].data for one in ("name", "scopes", "expires_at")}
            plain = actions.create(session, **fields, actor=desk.actor())
        if form.saved:
            return desk.page("staff/new_token.html", token=plain, name=form.name.data)
    with reading() as session:
        found = queries.all_tokens(session)
    return desk.page("staff/tokens.html", form.status, form=form, tokens=found, now=clock.wall())


@policy.needs("staff", Role.ADMIN)
def revoke(token_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.revoke(session, token_id, desk.actor())
    return desk.done(LIST, REVOKED)
