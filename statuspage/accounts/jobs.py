"""Forgets sessions that have ended."""

from statuspage import clock
from statuspage.accounts.actions import forget_ended
from statuspage.db import transaction


def forget() -> None:
    """Every hour: where somebody was signed in from is nobody's business once the session is over."""
    with transaction(quiet=True) as session:
        forget_ended(session, clock.wall())
