"""Marks progress for the charts, forgets old wishes for links."""

from statuspage import clock
from statuspage.db import transaction
from statuspage.recovery.actions.accounts import forget_requests
from statuspage.recovery.actions.reports import mark_progress


def mark() -> None:
    """Every minute: a point on the chart of each stage that has moved."""
    with transaction(quiet=True) as session:
        mark_progress(session, clock.now())


def forget() -> None:
    """Every hour: wishes for links are kept for 30 days."""
    with transaction(quiet=True) as session:
        forget_requests(session, clock.wall())
