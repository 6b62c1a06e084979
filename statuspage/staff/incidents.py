"""Incidents at the desk: the list, one incident, the composer, drafts, corrections."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from flask import Flask, Response
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from statuspage.accounts.queries import names
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident
from statuspage.staff import desk
from statuspage.staff.case_forms import IMPACTS, CaseForm, HandoverForm, PromiseForm, SummaryForm
from statuspage.staff.forms import Act
from statuspage.staff.incident_forms import STAGES, Composer, Correction, DraftForm, NewIncident
from statuspage.staff.permissions import Permission
from statuspage.staff.templates import offered
from statuspage.texts.queries import revisions
from statuspage.web import policy

LIST = "/staff/incidents/"
DISCARDED = desk.notice("discarded", noop("The draft is gone."))
WORDS: dict[str, Any] = {"stages": STAGES, "impacts": IMPACTS}


def register(app: Flask) -> None:
    both = ["GET", "POST"]
    one = f"{LIST}<public_id>/"
    app.add_url_rule(LIST, "staff.incidents", incidents)
    app.add_url_rule(f"{LIST}new", "staff.new_incident", new, methods=both)
    app.add_url_rule(one, "staff.incident", incident)
    app.add_url_rule(f"{one}update", "staff.compose", compose, methods=both)
    app.add_url_rule(f"{one}edit", "staff.edit_incident", edit, methods=both)
    app.add_url_rule(f"{one}summary", "staff.pin", pin, methods=both)
    app.add_url_rule(f"{one}promise", "staff.promise", promise, methods=both)
    app.add_url_rule(f"{one}handover", "staff.hand_over", hand_over, methods=both)
    app.add_url_rule(f"{one}drafts/<uuid:uuid>", "staff.draft", draft, methods=both)
    app.add_url_rule(f"{one}drafts/<uuid:uuid>/discard", "staff.discard", discard, methods=["POST"])
    app.add_url_rule(f"{one}updates/<uuid:uuid>", "staff.correct", correct, methods=both)


@policy.needs("staff", Permission.READ)
def incidents() -> Response:
    with reading() as session:
        return desk.page("staff/incidents/list.html", incidents=queries.latest(session), **WORDS)


@policy.needs("staff", Permission.READ)
def incident(public_id: str) -> Response:
    with reading() as session:
        found = queries.by_public_id(session, public_id)
        return desk.page("staff/incidents/incident.html", incident=found, **beside(session, found), **WORDS)


@policy.needs("staff", Permission.INCIDENTS)
def new() -> AnyResponse:
    with reading() as session:
        form = NewIncident.blank(session)
    if form.accepted():
        with form.saving() as session:
            public_id = form.send(session).public_id
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", form.outcome)
    return desk.page("staff/incidents/new.html", form.status, form=form, offered=offered())


@policy.needs("staff", Permission.INCIDENTS)
def compose(public_id: str) -> AnyResponse:
    with reading() as session:
        found = queries.by_public_id(session, public_id)
        form = Composer.on(session, found)
    if form.accepted():
        with form.saving() as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", form.outcome)
    return desk.page("staff/incidents/compose.html", form.status, form=form, incident=found, offered=offered(), **WORDS)


@policy.needs("staff", Permission.INCIDENTS)
def draft(public_id: str, uuid: UUID) -> AnyResponse:
    with reading() as session:
        update = queries.update_of(session, public_id, uuid)
        form, found = DraftForm.of(session, update), queries.by_public_id(session, public_id)
    if form.accepted():
        with form.saving() as session:
            form.send(session, uuid)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", form.outcome)
    return desk.page("staff/incidents/draft.html", form.status, form=form, incident=found, update=update, **WORDS)


@policy.needs("staff", Permission.INCIDENTS)
def discard(public_id: str, uuid: UUID) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        queries.update_of(session, public_id, uuid)
        actions.discard_draft(session, desk.actor(), uuid)
    return desk.done(f"{LIST}{public_id}/", DISCARDED)


@policy.needs("staff", Permission.INCIDENTS)
def correct(public_id: str, uuid: UUID) -> AnyResponse:
    with reading() as session:
        update = queries.update_of(session, public_id, uuid)
    form = Correction.received(update)
    if form.accepted():
        with form.saving() as session:
            form.send(session, uuid)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/incidents/correct.html", form.status, form=form, public_id=public_id, update=update)


@policy.needs("staff", Permission.INCIDENTS)
def edit(public_id: str) -> AnyResponse:
    with reading() as session:
        found = queries.by_public_id(session, public_id)
        form = CaseForm.of(session, found)
    if form.accepted():
        with form.saving() as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/incidents/edit.html", form.status, form=form, incident=found)


@policy.needs("staff", Permission.INCIDENTS)
def pin(public_id: str) -> AnyResponse:
    with reading() as session:
        found = queries.by_public_id(session, public_id)
    form = SummaryForm.received(found)
    if form.accepted():
        with form.saving() as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/incidents/summary.html", form.status, form=form, incident=found)


@policy.needs("staff", Permission.INCIDENTS)
def hand_over(public_id: str) -> AnyResponse:
    with reading() as session:
        found = queries.by_public_id(session, public_id)
        last = next(iter(queries.handovers(session, found)), None)
        form = HandoverForm.received(last)
    if form.accepted():
        with form.saving(quiet=True) as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/")
    return desk.page("staff/incidents/handover.html", form.status, form=form, incident=found)


def beside(session: Session, incident: Incident) -> dict[str, Any]:
    """What the desk shows of an incident beside what readers see: who handed over, earlier summaries, its kin."""
    notes = queries.handovers(session, incident)
    summaries = [one for one in revisions(session, "incident", incident.public_id) if one.field == "summary"]
    who = people(session, [*(one.written_by for one in notes), *(one.replaced_by for one in summaries)])
    kin = queries.related(session, incident)
    return {"handovers": notes, "summaries": summaries[::-1], "names": who, "related": kin}


def people(session: Session, actors: Iterable[str]) -> dict[str, str]:
    """The addresses of those who acted, by the name that an actor has (`staff:3`)."""
    ids = {int(one.partition(":")[2]) for one in actors if re.fullmatch(r"staff:[0-9]+", one)}
    return {f"staff:{staff_id}": address for staff_id, address in names(session, ids).items()}


@policy.needs("staff", Permission.INCIDENTS)
def promise(public_id: str) -> AnyResponse:
    with reading() as session:
        found = queries.by_public_id(session, public_id)
    form = PromiseForm.received(found)
    if form.accepted():
        with form.saving() as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/incidents/promise.html", form.status, form=form, incident=found)
