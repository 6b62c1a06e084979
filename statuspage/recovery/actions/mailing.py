"""Claims the letters that are due one at a time, and stamps the row of each after it was sent."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from statuspage.mail.rules import MOST_TRIES, next_try
from statuspage.recovery.actions.accounts import new_link
from statuspage.recovery.models import Choice, LinkRequest
from statuspage.recovery.queries.mailing import due_reminders, wanted_links
from statuspage.recovery.rules.letters import Due

# Whoever keeps asking for somebody's link cannot flood their letter box.
BETWEEN_LINKS = timedelta(minutes=15)


@dataclass(frozen=True)
class WantedLink:
    """A link to send. Its token is in memory alone: a try that fails makes a new one."""

    wish: int
    account: int
    to: str
    token: str
    locale: str | None


def claim_link(session: Session, now: datetime) -> WantedLink | None:
    """The next wish for a link that can be mailed; nobody else tries it until its pause is over."""
    _close_repeated(session, now)
    wish = session.scalar(wanted_links(now).with_for_update(of=LinkRequest, skip_locked=True))
    if wish is None or wish.account is None or wish.account.contact is None:
        return None
    wish.tries += 1
    wish.try_after = next_try(wish.tries, now)
    return WantedLink(wish.id, wish.account.id, wish.account.contact, new_link(session, wish.account.id), wish.locale)


def _close_repeated(session: Session, now: datetime) -> None:
    """Wishes of accounts to which a link went a moment ago are handled by that one."""
    recent = select(LinkRequest.account_id).where(
        LinkRequest.handled_at > now - BETWEEN_LINKS, LinkRequest.mailed_at > now - BETWEEN_LINKS
    )
    again = update(LinkRequest).where(LinkRequest.handled_at.is_(None), LinkRequest.account_id.in_(recent))
    session.execute(again.values(handled_at=now).execution_options(synchronize_session=False))


def link_sent(session: Session, wanted: WantedLink, now: datetime) -> None:
    """The link is in other hands: the wish is handled, and what the account wished until now."""
    session.execute(update(LinkRequest).where(LinkRequest.id == wanted.wish).values(mailed_at=now))
    wishes = update(LinkRequest).where(LinkRequest.account_id == wanted.account, LinkRequest.handled_at.is_(None))
    session.execute(wishes.values(handled_at=now))


def give_up_link(session: Session, wanted: WantedLink) -> None:
    """The server refuses this address for good: staff have to find another way."""
    session.execute(update(LinkRequest).where(LinkRequest.id == wanted.wish).values(tries=MOST_TRIES))


def claim_reminder(session: Session, now: datetime, wall: datetime) -> Due | None:
    """The next choice to remind of; nobody else tries it until its pause is over."""
    found = session.scalar(due_reminders(now, wall).with_for_update(of=Choice, skip_locked=True))
    if found is None or found.account.contact is None:
        return None
    found.tries += 1
    found.try_after = next_try(found.tries, wall)
    return Due(found.id, found.account.contact, found.kind, found.default, found.deadline)


def reminded(session: Session, due: Due, now: datetime) -> None:
    session.execute(update(Choice).where(Choice.id == due.choice_id).values(reminded_at=now))


def give_up_reminder(session: Session, due: Due) -> None:
    """The server refuses this address for good."""
    session.execute(update(Choice).where(Choice.id == due.choice_id).values(tries=MOST_TRIES))
