"""Promises by programs: what is expected when, according to whom, and how it ended."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from flask import Flask, Response
from pydantic import AfterValidator, Field
from sqlalchemy.orm import Session

from statuspage.api.answers import Answer, NamedByUuid, Utc, WordsAnswer, columns
from statuspage.api.estimates import PATH
from statuspage.api.guard import actor
from statuspage.api.localised import QuoteShape, TitleShape
from statuspage.api.operation import Operation
from statuspage.api.writing import post, same_tag, shown
from statuspage.db import reading
from statuspage.errors import Conflict, FieldError, Invalid, NotFound
from statuspage.estimates import actions, queries
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing, Confidence, Known, Precision, Said, Subject, whole_days
from statuspage.incidents.queries import known
from statuspage.recovery.rules.reports import STAGES
from statuspage.shapes import Moment, Shape, one_line
from statuspage.tokens.rules import Scope
from statuspage.web import policy
from statuspage.web.site import site

ONE = f"{PATH}/{{estimate}}"
WRITE = Scope.ESTIMATES_WRITE
Link = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(one_line)]
REPLACED = "Another promise stands than the one that you have read. Nothing was written: read it, compare, send again."


class SubjectShape(Shape):
    """What is promised back: a panel (`panel-c`), a component (`panel-a.warehouse`), an incident, or a stage of the
    restoration of a panel (`panel-c.archive`)."""

    kind: Annotated[Subject, Field(strict=False)]
    id: Annotated[str, Field(max_length=129, pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class EstimateShape(Shape):
    """A promise as its source made it. Without `ends_at` it is the moment `starts_at`, or the day that it begins.

    `supersedes` is the promise that you have read as the current one; if another stands by now, nothing is written.
    """

    subject: SubjectShape
    precision: Annotated[Precision, Field(strict=False)]
    starts_at: Moment
    ends_at: Moment | None = None
    source: TitleShape
    quote: QuoteShape | None = None
    link: Link | None = None
    confidence: Annotated[Confidence, Field(strict=False)] | None = None
    said_at: Moment | None = None
    supersedes: Annotated[UUID, Field(strict=False)] | None = None


class ClosingShape(Shape):
    """How a promise ended, and when (now, if nothing is said)."""

    closing: Literal["met", "missed", "withdrawn"]
    at: Moment | None = None


class SubjectAnswer(Answer):
    """What is promised back."""

    kind: Subject
    id: str


class EstimateAnswer(NamedByUuid):
    """One promise; without `closing` it is the one that stands."""

    subject: SubjectAnswer
    precision: Precision
    starts_at: Utc
    ends_at: Utc
    source: WordsAnswer
    quote: WordsAnswer | None
    link: str | None
    confidence: Confidence | None
    said_at: Utc
    recorded_at: Utc
    closing: Closing | None
    closed_at: Utc | None

    @classmethod
    def of(cls, one: Estimate) -> Self:
        return cls(
            id=one.uuid,
            subject=SubjectAnswer(kind=one.subject_kind, id=one.subject_id),
            source=WordsAnswer.of(one.source),
            quote=WordsAnswer.of_any(one.quote),
            **columns(one, "precision", "starts_at", "ends_at", "link", "confidence"),
            **columns(one, "said_at", "recorded_at", "closing", "closed_at"),
        )


OPERATIONS = (
    Operation("post", PATH, "Record when something is expected back", WRITE, EstimateShape, EstimateAnswer, 201),
    Operation("get", ONE, "One promise", WRITE, None, EstimateAnswer),
    Operation("post", f"{ONE}/close", "Say how a promise ended, or withdraw it", WRITE, ClosingShape, EstimateAnswer),
)


def register(app: Flask) -> None:
    app.add_url_rule(PATH, "api.record_estimate", record, methods=["POST"])
    app.add_url_rule(f"{PATH}/<uuid:estimate>", "api.estimate", get_estimate)
    app.add_url_rule(f"{PATH}/<uuid:estimate>/close", "api.close_estimate", close, methods=["POST"])


@policy.needs("token", WRITE)
def record() -> Response:
    """Record a promise. It supersedes the one that stood; the same again is the one that stands."""

    def work(session: Session, sent: EstimateShape) -> EstimateAnswer:
        subject = _known(session, sent.subject)
        before = queries.open_promise(session, subject)
        if sent.supersedes and (before is None or before.uuid != sent.supersedes):
            raise Conflict(REPLACED)
        return EstimateAnswer.of(actions.record(session, actor(), subject, _said(sent), zone=site().settings.zone))

    return post(EstimateShape, work, 201)


@policy.needs("token", WRITE)
def get_estimate(estimate: UUID) -> Response:
    """One promise."""
    with reading() as session:
        return shown(EstimateAnswer.of(queries.by_uuid(session, estimate)))


@policy.needs("token", WRITE)
def close(estimate: UUID) -> Response:
    """Say how a promise ended. The same again changes nothing; one that ended otherwise stays so."""

    def work(session: Session, sent: ClosingShape) -> EstimateAnswer:
        same_tag(EstimateAnswer.of(queries.by_uuid(session, estimate)))
        return EstimateAnswer.of(actions.close(session, actor(), estimate, Closing(sent.closing), at=sent.at))

    return post(ClosingShape, work)


def _known(session: Session, subject: SubjectShape) -> Known:
    stage = subject.id.partition(".")[2]
    try:
        if subject.kind is Subject.STAGE and stage not in STAGES:
            raise NotFound(f"The stages are: {', '.join(STAGES)}.")
        return known(session, subject.kind, subject.id)
    except NotFound as error:
        raise Invalid("Unknown subject.", (FieldError("/subject/id", error.message),)) from None


def _said(sent: EstimateShape) -> Said:
    return Said(
        precision=sent.precision,
        starts_at=sent.starts_at,
        ends_at=sent.ends_at or _end(sent.precision, sent.starts_at),
        source=sent.source.texts("/source"),
        quote=sent.quote.texts("/quote") if sent.quote else None,
        link=sent.link,
        confidence=sent.confidence,
        said_at=sent.said_at,
    )


def _end(precision: Precision, starts_at: datetime) -> datetime:
    if precision is Precision.RANGE:
        raise Invalid("Some fields are wrong.", (FieldError("/ends_at", "a range needs its end"),))
    day = starts_at.astimezone(site().settings.zone).date()
    return whole_days(day, day, site().settings.zone)[1] if precision is Precision.DAY else starts_at
