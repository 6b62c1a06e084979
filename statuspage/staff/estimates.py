"""Estimates at the desk: every ledger, a new promise, the end of one."""

from typing import Any, Self
from uuid import UUID

from flask import Flask, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import SelectField

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.estimates import actions, queries
from statuspage.estimates.rules import Closing, Subject, is_overdue, slips
from statuspage.i18n import noop
from statuspage.incidents.queries import known
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, MomentField
from statuspage.staff.forms import Act, StaffForm
from statuspage.staff.permissions import Permission
from statuspage.staff.promised import CONFIDENCES, PRECISIONS, Promised
from statuspage.staff.subjects import subject_choices, subject_names
from statuspage.web import policy
from statuspage.web.site import site

LIST = "/staff/estimates/"
CLOSINGS = {
    Closing.MET: noop("met: it was back in time"),
    Closing.MISSED: noop("missed: it was not back in time"),
    Closing.WITHDRAWN: noop("withdrawn: it is no longer promised"),
}
CLOSING_WORDS: dict[Closing, str] = {**CLOSINGS, Closing.SUPERSEDED: noop("replaced by a newer one")}
WORDS: dict[str, Any] = {"precisions": PRECISIONS, "confidences": CONFIDENCES, "closings": CLOSING_WORDS}


class EstimateForm(Promised):
    """A new promise about anything that can be promised back."""

    about = SelectField(noop("About"), choices=[])

    @classmethod
    def blank(cls, session: Session) -> Self:
        form = cls.received(about=request.args.get("about", ""))
        form.about.choices = subject_choices(session, None)
        return form

    def send(self, session: Session) -> None:
        kind, _, public_id = self.about.data.partition(":")
        subject = known(session, Subject(kind), public_id)
        actions.record(session, desk.actor(), subject, self.said(), zone=site().settings.zone)


class ClosingForm(StaffForm):
    """How a promise ended."""

    closing = ChoiceField(noop("It was"), words=CLOSINGS)
    at = MomentField(noop("When (empty: now)"))

    def send(self, session: Session, uuid: UUID) -> None:
        actions.close(session, desk.actor(), uuid, self.closing.data, at=self.at.data)


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.estimates", estimates)
    app.add_url_rule(f"{LIST}new", "staff.new_estimate", new, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<uuid:uuid>", "staff.close_estimate", close, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<uuid:uuid>/reopen", "staff.reopen_estimate", reopen, methods=["POST"])


@policy.needs("staff", Permission.READ)
def estimates() -> Response:
    with reading() as session:
        ledgers, names = queries.ledgers(session), subject_names(session)
    rules: dict[str, Any] = {"slips": slips, "is_overdue": is_overdue, "now": clock.now()}
    return desk.page("staff/estimates/list.html", ledgers=ledgers, names=names, **rules, **WORDS)


@policy.needs("staff", Permission.ESTIMATES)
def new() -> AnyResponse:
    with reading() as session:
        form = EstimateForm.blank(session)
    if form.accepted():
        with form.saving() as session:
            form.send(session)
        if form.saved:
            return desk.done(LIST, desk.PUBLISHED)
    return desk.page("staff/estimates/new.html", form.status, form=form)


@policy.needs("staff", Permission.ESTIMATES)
def close(uuid: UUID) -> AnyResponse:
    with reading() as session:
        estimate, names = queries.by_uuid(session, uuid), subject_names(session)
    form = ClosingForm.received()
    if form.accepted():
        with form.saving() as session:
            form.send(session, uuid)
        if form.saved:
            return desk.done(LIST, desk.PUBLISHED)
    return desk.page("staff/estimates/close.html", form.status, form=form, estimate=estimate, names=names, **WORDS)


@policy.needs("staff", Permission.ESTIMATES)
def reopen(uuid: UUID) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.reopen(session, desk.actor(), uuid)
    return desk.done(LIST, desk.PUBLISHED)
