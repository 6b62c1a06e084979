"""Forgets answers that are no longer kept."""

from statuspage import clock
from statuspage.db import transaction
from statuspage.tokens.actions import purge_answers


def purge() -> None:
    """Every hour: answers to repeated requests are kept for a day."""
    with transaction(quiet=True) as session:
        purge_answers(session, clock.wall())
