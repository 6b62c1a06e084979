"""Incidents by programs: listed, opened, changed, summed up, promised; by the actions of the desk's forms."""

from typing import Any

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api import cursors
from statuspage.api.guard import actor
from statuspage.api.incident_shapes import (
    IncidentAnswer,
    IncidentChangeShape,
    IncidentLine,
    NewIncidentShape,
    PromiseShape,
    SummaryShape,
)
from statuspage.api.localised import ProseShape, changed
from statuspage.api.operation import Operation
from statuspage.api.writing import change, post, seen, shown
from statuspage.db import reading
from statuspage.i18n import noop
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident
from statuspage.incidents.queries import IncidentFilter
from statuspage.texts.rules import Prose, prose
from statuspage.tokens.rules import Scope
from statuspage.web import policy

PATH = "/api/v1/incidents"
ONE = f"{PATH}/{{incident}}"
WRITE = Scope.INCIDENTS_WRITE
LISTED = noop("Incidents, the oldest first; drafts among them")
OPERATIONS = (
    Operation("get", PATH, LISTED, WRITE, None, IncidentLine, listed="incidents", states=tuple(IncidentFilter)),
    Operation("post", PATH, "Open an incident with its first update", WRITE, NewIncidentShape, IncidentAnswer, 201),
    Operation("get", ONE, "One incident with its updates", WRITE, None, IncidentAnswer),
    Operation("patch", ONE, "Change the facts of an incident", WRITE, IncidentChangeShape, IncidentAnswer),
    Operation("put", f"{ONE}/summary", "Rewrite the pinned summary", WRITE, SummaryShape, IncidentAnswer),
    Operation("put", f"{ONE}/promise", "Promise the next update", WRITE, PromiseShape, IncidentAnswer),
)


def register(app: Flask) -> None:
    one = f"{PATH}/<incident>"
    app.add_url_rule(PATH, "api.incidents", get_incidents)
    app.add_url_rule(PATH, "api.open_incident", open_incident, methods=["POST"])
    app.add_url_rule(one, "api.incident", get_incident)
    app.add_url_rule(one, "api.edit_incident", edit, methods=["PATCH"])
    app.add_url_rule(f"{one}/summary", "api.pin", pin, methods=["PUT"])
    app.add_url_rule(f"{one}/promise", "api.promise", promise, methods=["PUT"])


@policy.needs("token", WRITE)
def get_incidents() -> Response:
    """All incidents: `?state=draft`, `open` or `over` are some of them."""
    state = cursors.word("state", IncidentFilter)
    with reading() as session:
        return cursors.answers(
            "incidents", lambda after, limit: queries.after(session, state, after, limit), IncidentLine.of
        )


@policy.needs("token", WRITE)
def open_incident() -> Response:
    """Open an incident; published at once with its first update, or a draft."""

    def work(session: Session, sent: NewIncidentShape) -> IncidentAnswer:
        made = actions.create(
            session,
            actor(),
            title=sent.title.texts("/title"),
            impact=sent.impact,
            started_at=sent.started_at or clock.now(),
            first=sent.first,
            publish=not sent.draft,
            summary=sent.summary.prose("/summary") if sent.summary else None,
            relapse_of=sent.relapse_of,
        )
        return _told(session, made)

    return post(NewIncidentShape, work, 201)


@policy.needs("token", WRITE)
def get_incident(incident: str) -> Response:
    """One incident with all that was said of it, and its drafts."""
    with reading() as session:
        return shown(IncidentAnswer.of(queries.by_public_id(session, incident)))


@policy.needs("token", WRITE)
def edit(incident: str) -> Response:
    """Change what an incident is called, how bad it is, when it began, what it is a relapse of."""

    def work(session: Session, sent: IncidentChangeShape) -> IncidentAnswer:
        found = _seen(session, incident, sent.version)
        actions.edit(session, actor(), incident, **_facts(found, sent), version=found.version)
        return _told(session, found)

    return change(IncidentChangeShape, work)


@policy.needs("token", WRITE)
def pin(incident: str) -> Response:
    """Rewrite the pinned summary, or take it down."""

    def work(session: Session, sent: SummaryShape) -> IncidentAnswer:
        found = _seen(session, incident, sent.version)
        actions.pin(session, actor(), incident, _summary(found.summary, sent.summary), version=found.version)
        return _told(session, found)

    return change(SummaryShape, work)


@policy.needs("token", WRITE)
def promise(incident: str) -> Response:
    """Promise the next update by a time, or take the promise back."""

    def work(session: Session, sent: PromiseShape) -> IncidentAnswer:
        found = _seen(session, incident, sent.version)
        actions.promise(session, actor(), incident, sent.next_update_by, version=found.version)
        return _told(session, found)

    return change(PromiseShape, work)


def _facts(found: Incident, sent: IncidentChangeShape) -> dict[str, Any]:
    """The facts of an incident as they are to be."""
    stays = found.relapse_of.public_id if found.relapse_of else None
    return {
        "title": changed("/title", found.title, sent.title),
        "impact": sent.impact or found.impact,
        "started_at": sent.started_at or found.started_at,
        "relapse_of": sent.relapse_of if "relapse_of" in sent.model_fields_set else stays,
    }


def _summary(old: Prose | None, new: ProseShape | None) -> Prose:
    if new is None:
        return prose({})
    return changed("/summary", old, new) if old else new.prose("/summary")


def _seen(session: Session, public_id: str, version: int | None) -> Incident:
    """The incident, as the caller has seen it if they say what they have seen."""
    found = queries.by_public_id(session, public_id)
    seen(IncidentAnswer.of(found), found.version, version)
    return found


def _told(session: Session, incident: Incident) -> IncidentAnswer:
    session.flush()  # counts the version up
    return IncidentAnswer.of(incident)
