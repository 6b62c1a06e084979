"""Reads progress."""

from sqlalchemy.orm import Session

from statuspage.recovery.rules import ForwardingView, StageView


def stage_views(session: Session) -> tuple[StageView, ...]:
    """Restoration per panel and stage."""
    del session
    return ()


def forwarding_views(session: Session) -> tuple[ForwardingView, ...]:
    """The backlog of order forwarding per panel and kind."""
    del session
    return ()
