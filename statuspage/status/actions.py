"""Keeps the spans: closes what ended, opens what began."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.status.models import Span
from statuspage.status.queries import effective_now


def record(session: Session, now: datetime) -> int:
    """Write what changed since the last look, dated `now`. Returns the number of changes."""
    open_spans = {span.component_id: span for span in session.scalars(select(Span).where(Span.ended_at.is_(None)))}
    changes = 0
    for component, claim in effective_now(session, now).items():
        span = open_spans.get(component)
        if span is not None and (span.status, span.source) == (claim.status, claim.source):
            continue
        if span is not None:
            span.ended_at = now
        session.add(
            Span(
                component_id=component,
                status=claim.status,
                source=claim.source,
                reference=claim.reference,
                started_at=now,
            )
        )
        changes += 1
    return changes
