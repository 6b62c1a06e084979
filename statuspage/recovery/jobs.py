"""Marks progress for the charts and the feeds, keeps the charts light, forgets old wishes for links."""

from statuspage import clock
from statuspage.db import touch, transaction
from statuspage.recovery.actions.accounts import forget_requests
from statuspage.recovery.actions.progress import mark_progress, note_growth, stamp_marks, thin_points


def mark() -> None:
    """Every minute: a point on the chart of each stage that has moved, the marks it came to, the steps of N."""
    with transaction(quiet=True) as session:
        now = clock.now()
        mark_progress(session, now)
        if note_growth(session, now) + stamp_marks(session, now):
            touch(session)


def thin() -> None:
    """Every ten minutes: of old points of the charts few are kept."""
    with transaction(quiet=True) as session:
        thin_points(session, clock.now())


def forget() -> None:
    """Every hour: wishes for links are kept for 30 days."""
    with transaction(quiet=True) as session:
        forget_requests(session, clock.wall())
