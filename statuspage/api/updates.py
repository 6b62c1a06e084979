"""Updates of incidents by programs: posted, drafted, scheduled, told late, corrected, discarded."""

from datetime import datetime
from uuid import UUID

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api.guard import actor
from statuspage.api.incident_shapes import (
    IncidentAnswer,
    NewUpdateShape,
    UpdateAnswer,
    UpdateChangeShape,
    says,
)
from statuspage.api.incidents import ONE
from statuspage.api.localised import changed
from statuspage.api.operation import Operation
from statuspage.api.shapes import VersionShape
from statuspage.api.writing import change, post, seen, shown
from statuspage.db import reading, transaction
from statuspage.errors import FieldError, Invalid
from statuspage.incidents import actions, queries
from statuspage.incidents.models import IncidentUpdate
from statuspage.incidents.rules import Says, Word
from statuspage.texts.rules import Prose
from statuspage.tokens.rules import Scope
from statuspage.uptime.actions import retell
from statuspage.web import policy
from statuspage.web.site import site

UPDATES = f"{ONE}/updates"
UPDATE = f"{UPDATES}/{{update}}"
WRITE = Scope.INCIDENTS_WRITE
OPERATIONS = (
    Operation(
        "post", UPDATES, "Post an update: now, later, late, as a draft", WRITE, NewUpdateShape, UpdateAnswer, 201
    ),
    Operation("get", UPDATE, "One update", WRITE, None, UpdateAnswer),
    Operation("patch", UPDATE, "Correct an update, or rewrite a draft", WRITE, UpdateChangeShape, UpdateAnswer),
    Operation("post", f"{UPDATE}/publish", "Publish a draft", WRITE, VersionShape, UpdateAnswer),
    Operation("delete", UPDATE, "Throw a draft away", WRITE, success=204),
)


def register(app: Flask) -> None:
    updates = "/api/v1/incidents/<incident>/updates"
    one = f"{updates}/<uuid:update>"
    app.add_url_rule(updates, "api.post_update", post_update, methods=["POST"])
    app.add_url_rule(one, "api.update", get_update)
    app.add_url_rule(one, "api.correct", correct, methods=["PATCH"])
    app.add_url_rule(f"{one}/publish", "api.publish_update", publish, methods=["POST"])
    app.add_url_rule(one, "api.discard_update", discard, methods=["DELETE"])


@policy.needs("token", WRITE)
def post_update(incident: str) -> Response:
    """Say how an incident stands. Without `version` or If-Match nobody is asked what they had read."""

    def work(session: Session, sent: NewUpdateShape) -> UpdateAnswer:
        found = queries.by_public_id(session, incident)
        version = seen(IncidentAnswer.of(found), found.version, sent.version)
        return _told(session, _written(session, incident, sent, version))

    return post(NewUpdateShape, work, 201)


@policy.needs("token", WRITE)
def get_update(incident: str, update: UUID) -> Response:
    """One update of an incident, published or not."""
    with reading() as session:
        return shown(UpdateAnswer.of(queries.update_of(session, incident, update)))


@policy.needs("token", WRITE)
def correct(incident: str, update: UUID) -> Response:
    """Other words: a published update is marked as corrected and keeps what it said; a draft just changes."""

    def work(session: Session, sent: UpdateChangeShape) -> UpdateAnswer:
        found = _seen(session, incident, update, sent.version)
        body = changed("/body", found.body, sent.body)
        if found.published_at:
            _must_be_words_alone(sent)
            actions.correct(session, actor(), update, body, version=found.version)
        else:
            word, hour = _rewritten(found, sent, body), _chosen(sent, "publish_at", found)
            actions.edit_draft(session, actor(), update, word, publish_at=hour, version=found.version)
        return _told(session, found)

    return change(UpdateChangeShape, work)


@policy.needs("token", WRITE)
def publish(incident: str, update: UUID) -> Response:
    """Publish a draft; one that is out already stays as it is."""

    def work(session: Session, sent: VersionShape) -> UpdateAnswer:
        found = _seen(session, incident, update, sent.version)
        return _told(session, actions.publish_draft(session, actor(), update, version=found.version))

    return post(VersionShape, work)


@policy.needs("token", WRITE)
def discard(incident: str, update: UUID) -> Response:
    """Throw a draft away; what readers have seen cannot be."""
    with transaction() as session:
        _seen(session, incident, update, None)
        actions.discard_draft(session, actor(), update)
    return Response(status=204)


def _written(session: Session, incident: str, sent: NewUpdateShape, version: int | None) -> IncidentUpdate:
    chosen = [name for name in ("draft", "publish_at", "published_at") if getattr(sent, name)]
    if len(chosen) > 1:
        raise _refusal(chosen[1], f"choose one of {' and '.join(chosen)}")
    if sent.published_at:
        late = actions.backfill(session, actor(), incident, sent.word, sent.published_at)
        retell(session, late, clock.now(), site().settings.zone)
        return late
    if chosen:
        return actions.save_draft(session, actor(), incident, sent.word, publish_at=sent.publish_at)
    return actions.post_update(session, actor(), incident, sent.word, version=version)


def _seen(session: Session, incident: str, uuid: UUID, version: int | None) -> IncidentUpdate:
    """The update, as the caller has seen it if they say what they have seen."""
    found = queries.update_of(session, incident, uuid)
    seen(UpdateAnswer.of(found), found.version, version)
    return found


def _must_be_words_alone(sent: UpdateChangeShape) -> None:
    for name in sorted(sent.model_fields_set - {"body", "version"}):
        raise _refusal(name, "of a published update only the words can be corrected: post another update")


def _rewritten(found: IncidentUpdate, sent: UpdateChangeShape, body: Prose) -> Word:
    kept = tuple(Says(one.component.public_id, one.status, one.note) for one in found.affected)
    affected = kept if sent.components is None else says(sent.components)
    return Word(sent.status or found.status, body, affected, _chosen(sent, "next_update_by", found))


def _chosen(sent: UpdateChangeShape, name: str, found: IncidentUpdate) -> datetime | None:
    """A time as it was sent, also as null; else as it stands."""
    at: datetime | None = getattr(sent if name in sent.model_fields_set else found, name)
    return at


def _refusal(name: str, reason: str) -> Invalid:
    return Invalid("Some fields are wrong.", (FieldError(f"/{name}", reason),))


def _told(session: Session, update: IncidentUpdate) -> UpdateAnswer:
    session.flush()  # counts the version up
    return UpdateAnswer.of(update)
