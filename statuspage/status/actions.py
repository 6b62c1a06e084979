"""Keeps the spans: closes what ended, opens what began, and writes them anew where history was corrected."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from statuspage.db import Site
from statuspage.panels.models import Component
from statuspage.status.models import Span
from statuspage.status.queries import claims_now, stretches
from statuspage.status.rules import Claim, began, effective, replay


def record(session: Session, now: datetime) -> int:
    """Write what changed since the last look. Returns the number of changes."""
    # Two that publish at once must not both close and open the same spans.
    session.scalar(select(Site.id).with_for_update())
    open_spans = {span.component_id: span for span in session.scalars(select(Span).where(Span.ended_at.is_(None)))}
    claims = claims_now(session, now)
    changes = 0
    for component in session.scalars(select(Component.id).order_by(Component.id)):
        said = claims.get(component, [])
        claim, span = effective(said), open_spans.get(component)
        if span is None:
            session.add(_span(component, claim, now, None))
        elif (span.status, span.source) == (claim.status, claim.source):
            continue
        else:
            _follow(session, span, claim, began(shown(span), said, claim, now))
        changes += 1
    return changes


def shown(span: Span) -> Claim:
    """A span as the claim that it was, since when it was shown."""
    return Claim(span.source, span.status, span.started_at, span.reference)


def _follow(session: Session, span: Span, claim: Claim, at: datetime) -> None:
    """End a span and open the next; a span that lasted no time is overwritten instead."""
    if at <= span.started_at:
        span.status, span.source, span.reference = claim.status, claim.source, claim.reference
        return
    span.ended_at = at
    session.flush()  # the old one must be closed before the index lets the new one in
    session.add(_span(span.component_id, claim, at, None))


def _span(component: int, claim: Claim, start: datetime, end: datetime | None) -> Span:
    return Span(
        component_id=component,
        status=claim.status,
        source=claim.source,
        reference=claim.reference,
        started_at=start,
        ended_at=end,
    )


def recompute(session: Session, components: Iterable[int], since: datetime, now: datetime) -> None:
    """Write the spans of these components anew from `since` on, from all that is on record.

    For what is told after the fact: a backfilled or corrected incident. Incidents, maintenance and outages
    speak for themselves; overrides and what else a probe said are taken from the spans as they were.
    """
    session.scalar(select(Site.id).with_for_update())
    for component in components:
        found = stretches(session, component, since, now)
        _cut(session, component, since)
        for one in replay(found, since, now):
            session.add(_span(component, one.claim, one.start, None if one.end == now else one.end))
    session.flush()
    _join(session, since)


def _cut(session: Session, component: int, since: datetime) -> None:
    """Remove the spans after `since`; the one that runs across it ends there."""
    session.execute(delete(Span).where(Span.component_id == component, Span.started_at >= since))
    across = select(Span).where(Span.component_id == component, or_(Span.ended_at.is_(None), Span.ended_at > since))
    for span in session.scalars(across):
        span.ended_at = since
    session.flush()


def _join(session: Session, at: datetime) -> None:
    """Where nothing changed at the cut, the two halves are one span again."""
    later = {span.component_id: span for span in session.scalars(select(Span).where(Span.started_at == at))}
    for earlier in session.scalars(select(Span).where(Span.ended_at == at)):
        half = later.get(earlier.component_id)
        if half is not None and (half.status, half.source) == (earlier.status, earlier.source):
            end = half.ended_at
            session.delete(half)
            session.flush()
            earlier.ended_at = end
