"""Reads which letters to owners of accounts are due."""

from datetime import datetime

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from statuspage.mail.rules import MOST_TRIES
from statuspage.recovery.models import AccountRecovery, Choice, LinkRequest
from statuspage.recovery.rules.choices import REMIND_BEFORE


def wanted_links(now: datetime) -> Select[LinkRequest]:
    """Wishes for a link that can be mailed at `now` (the machine's time)."""
    found = (
        select(LinkRequest)
        .join(LinkRequest.account)
        .where(LinkRequest.handled_at.is_(None), LinkRequest.account_id.is_not(None), LinkRequest.tries < MOST_TRIES)
        .where(or_(LinkRequest.try_after.is_(None), LinkRequest.try_after <= now))
        .where(AccountRecovery.contact.is_not(None))
    )
    return found.options(contains_eager(LinkRequest.account)).order_by(LinkRequest.id).limit(1)


def due_reminders(now: datetime, wall: datetime) -> Select[Choice]:
    """Choices whose owners can and should be reminded by mail: by the product's time, tried by the machine's."""
    found = (
        select(Choice)
        .join(Choice.account)
        .where(Choice.carried_at.is_(None), Choice.chosen.is_(None), Choice.reminded_at.is_(None))
        .where(Choice.deadline > now, Choice.deadline <= now + REMIND_BEFORE, Choice.tries < MOST_TRIES)
        .where(or_(Choice.try_after.is_(None), Choice.try_after <= wall), AccountRecovery.contact.is_not(None))
    )
    return found.options(contains_eager(Choice.account)).order_by(Choice.deadline).limit(1)


def unmailed(session: Session) -> int:
    """How many wishes for a link could not be mailed with all tries."""
    found = select(func.count()).select_from(LinkRequest)
    return session.scalar(found.where(LinkRequest.handled_at.is_(None), LinkRequest.tries >= MOST_TRIES)) or 0
