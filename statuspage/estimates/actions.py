"""Writes the ledger: a new promise supersedes the last, a promise that ended is closed; nothing is erased."""

from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.audit.actions import record as audit
from statuspage.errors import FieldError, Invalid, NotFound, RuleBroken
from statuspage.estimates.models import Estimate
from statuspage.estimates.queries import open_promise
from statuspage.estimates.rules import Closing, Known, Said, faults
from statuspage.i18n import noop

FUTURE = noop("This lies in the future. Close the estimate once it has happened.")


def record(
    session: Session, actor: Actor, subject: Known, said: Said, *, zone: ZoneInfo, at: datetime | None = None
) -> Estimate:
    """Write what was promised; the promise that stood until now is superseded.

    The same words again about the same subject are the promise that stands, not a new one.
    """
    now = at or clock.now()
    if wrong := faults(said, zone, now):
        raise Invalid(next(iter(wrong.values())), tuple(FieldError(path, why) for path, why in wrong.items()))
    before = open_promise(session, subject)
    if before is not None and _repeats(before, said):
        return before
    if before is not None:
        before.closing, before.closed_at = Closing.SUPERSEDED, now
        session.flush()  # the unit of work would insert the new one first, and two would be open
    estimate = Estimate(
        subject_kind=subject.kind,
        subject_id=subject.public_id,
        precision=said.precision,
        starts_at=said.starts_at,
        ends_at=said.ends_at,
        source=said.source,
        quote=said.quote,
        link=said.link or None,
        confidence=said.confidence,
        said_at=said.said_at or now,
        recorded_at=now,
        supersedes_id=before.id if before else None,
    )
    session.add(estimate)
    session.flush()
    audit(
        session,
        actor,
        "estimate.record",
        _name(estimate),
        before=_facts(before) if before else None,
        after=_facts(estimate),
    )
    return estimate


def close(session: Session, actor: Actor, uuid: UUID, closing: Closing, *, at: datetime | None = None) -> Estimate:
    """End a promise as met, missed or withdrawn; `at` is when the thing was back, or the promise taken back."""
    now = at or clock.now()
    if now > clock.now():
        raise Invalid(FUTURE, (FieldError("/at", FUTURE),))
    estimate = _locked(session, uuid)
    if estimate.closing is closing:
        return estimate
    if estimate.closing is not None or closing is Closing.SUPERSEDED:
        raise RuleBroken(noop("This estimate is closed already. Record a new one."))
    if closing is Closing.MET and now > estimate.ends_at:
        raise RuleBroken(noop("It was back after the promised end: close it as missed."))
    estimate.closing, estimate.closed_at = closing, now
    audit(session, actor, "estimate.close", _name(estimate), after=_facts(estimate))
    return estimate


def reopen(session: Session, actor: Actor, uuid: UUID) -> Estimate:
    """Take back a closing that was a mistake: the promise stands as before."""
    estimate = _locked(session, uuid)
    if estimate.closing is None:
        return estimate
    subject = Known(estimate.subject_kind, estimate.subject_id)
    if estimate.closing is Closing.SUPERSEDED or open_promise(session, subject) is not None:
        raise RuleBroken(noop("A newer estimate stands in its place. Change that one."))
    before = _facts(estimate)
    estimate.closing = estimate.closed_at = None
    audit(session, actor, "estimate.reopen", _name(estimate), before=before, after=_facts(estimate))
    return estimate


def _locked(session: Session, uuid: UUID) -> Estimate:
    found = select(Estimate).where(Estimate.uuid == uuid).with_for_update()
    estimate = session.scalar(found.execution_options(populate_existing=True))
    if estimate is None:
        raise NotFound(noop("There is no such estimate."))
    return estimate


def _repeats(before: Estimate, said: Said) -> bool:
    same = ("precision", "starts_at", "ends_at", "source", "quote", "confidence")
    return all(getattr(before, name) == getattr(said, name) for name in same) and before.link == (said.link or None)


def _name(estimate: Estimate) -> str:
    return f"estimate:{estimate.subject_kind.value}:{estimate.subject_id}"


def _facts(estimate: Estimate) -> dict[str, Any]:
    return {
        "uuid": str(estimate.uuid),
        "precision": estimate.precision.value,
        "starts_at": estimate.starts_at.isoformat(),
        "ends_at": estimate.ends_at.isoformat(),
        "source": dict(estimate.source.by_locale),
        "closing": estimate.closing.value if estimate.closing else None,
    }
