"""Counts each hour when it is over, and forgets hours past their time."""

from statuspage import clock
from statuspage.db import reading, touch, transaction
from statuspage.latency import actions


def count_hours() -> int:
    """Count what is not counted yet, in small transactions; then draw the curves. Returns how many probes."""
    now = clock.now()
    counted = 0
    while True:
        with transaction(quiet=True) as session:
            some = actions.count(session, now)
        if not some:
            break
        counted += some
    draw_curves(anew=counted > 0)
    return counted


def draw_curves(*, anew: bool) -> None:
    """Draw where an hour was counted, or where that was left undone."""
    now = clock.now()
    with reading() as session:
        if not anew and actions.is_drawn(session, now):
            return
    with transaction(quiet=True) as session:
        actions.draw(session, now)
        touch(session)


def forget_old_hours() -> int:
    """Delete hours past their time, in small transactions, so that writers get their turn."""
    deleted = 0
    while True:
        with transaction(quiet=True) as session:
            batch = actions.forget_old(session, clock.now())
        deleted += batch
        if not batch:
            return deleted
