"""API tokens at the desk: list, make and rotate (each shown once), revoke. For administrators."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from flask import Flask, Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.staff import desk
from statuspage.staff.fields import ChoicesField, Limit, MomentField, Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.staff.permissions import Permission
from statuspage.tokens import actions, queries
from statuspage.tokens.models import ApiToken
from statuspage.tokens.rules import Scope, is_live, old_works
from statuspage.web import policy

LIST = "/staff/tokens/"
REVOKED = desk.notice("revoked", noop("The token is dead. Programs that use it get 401 from now on."))
OLD_ENDED = desk.notice("old-ended", noop("The old secret is dead. The new one works as before."))
SCOPES = {
    Scope.RECOVERY_READ: noop("recovery:read – see accounts in restoration, choices, requests"),
    Scope.RECOVERY_WRITE: noop("recovery:write – report restoration, make links, carry out choices"),
    Scope.INCIDENTS_WRITE: noop("incidents:write – incidents and their updates, drafts too"),
    Scope.ESTIMATES_WRITE: noop("estimates:write – record and close estimates"),
    Scope.MAINTENANCE_WRITE: noop("maintenance:write – planned work"),
    Scope.ARTICLES_WRITE: noop("articles:write – questions and guides"),
    Scope.PROBES_READ: noop("probes:read – what probes saw"),
    Scope.PROBES_WRITE: noop("probes:write – probes"),
}
OVERLAP = timedelta(days=1)
FOREVER = noop("Leave it empty for: until it is revoked.")


class TokenForm(StaffForm):
    """A key for a program."""

    name = StringField(noop("What is it for?"), [Needed(), Limit(100)])
    scopes = ChoicesField(noop("What may it do?"), [Needed()], words={one: str(one) for one in Scope})
    expires_at = MomentField(noop("Until when?"), description=FOREVER)

    @classmethod
    def blank(cls) -> Self:
        form = cls.received()
        form.scopes.offer({scope: desk.say(words) for scope, words in SCOPES.items()})
        return form


@dataclass(frozen=True)
class Present:
    """What a rotation starts from."""

    version: int
    expires_at: datetime | None
    old_until: datetime


class RotateForm(StaffForm):
    """A new secret for a key, and how long the old one works beside it."""

    old_until = MomentField(
        noop("The old secret works until"), description=noop("Leave it empty to end the old one at once.")
    )
    expires_at = MomentField(noop("The token works until"), description=FOREVER)

    @classmethod
    def of(cls, token: ApiToken) -> Self:
        old_until = (clock.wall() + OVERLAP).replace(second=0, microsecond=0)
        return cls.received(Present(token.version, token.expires_at, old_until))

    def send(self, session: Session, token_id: int) -> str:
        ends: dict[str, datetime | None] = {name: self[name].data for name in ("old_until", "expires_at")}
        return actions.rotate(session, token_id, desk.actor(), **ends, version=self.seen_version())


def register(app: Flask) -> None:
    both, one = ["GET", "POST"], f"{LIST}<int:token_id>/"
    app.add_url_rule(LIST, "staff.tokens", tokens, methods=both)
    app.add_url_rule(f"{one}rotate", "staff.rotate", rotate, methods=both)
    app.add_url_rule(f"{one}end-old", "staff.end_old", end_old, methods=["POST"])
    app.add_url_rule(f"{one}revoke", "staff.revoke", revoke, methods=["POST"])


@policy.needs("staff", Permission.TOKENS)
def tokens() -> Response:
    form = TokenForm.blank()
    if form.accepted():
        with form.saving(quiet=True) as session:
            fields = {one: form[one].data for one in ("name", "scopes", "expires_at")}
            plain = actions.create(session, **fields, actor=desk.actor())
        if form.saved:
            return desk.page("staff/new_token.html", token=plain, name=form.name.data, old_until=None)
    with reading() as session:
        found = queries.all_tokens(session)
    rules = {"now": clock.wall(), "is_live": is_live, "old_works": old_works}
    return desk.page("staff/tokens.html", form.status, form=form, tokens=found, **rules)


@policy.needs("staff", Permission.TOKENS)
def rotate(token_id: int) -> Response:
    with reading() as session:
        token = queries.by_id(session, token_id)
    form = RotateForm.of(token)
    if form.accepted():
        with form.saving(quiet=True) as session:
            plain = form.send(session, token_id)
        if form.saved:
            return desk.page("staff/new_token.html", token=plain, name=token.name, old_until=form.old_until.data)
    return desk.page("staff/rotate_token.html", form.status, form=form, token=token)


@policy.needs("staff", Permission.TOKENS)
def end_old(token_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.end_old(session, token_id, desk.actor())
    return desk.done(LIST, OLD_ENDED)


@policy.needs("staff", Permission.TOKENS)
def revoke(token_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.revoke(session, token_id, desk.actor())
    return desk.done(LIST, REVOKED)
