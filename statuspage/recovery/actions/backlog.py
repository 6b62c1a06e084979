"""Takes what customers ask for, and the state that staff or programs give it."""

import secrets
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, FieldError, Invalid, NotFound, RuleBroken
from statuspage.i18n import noop
from statuspage.recovery.models import AccountRecovery, BacklogRequest
from statuspage.recovery.queries.backlog import OPEN
from statuspage.recovery.rules.backlog import MOST_OPEN, BacklogKind, BacklogState, may_become

TOO_MANY = noop("Three requests are open already. A new one can be sent when one of them is done.")
NEEDS_REASON = noop("Say why it is declined: the customer reads it.")
ENDED = noop("This request has ended already, so it stays as it is.")


@dataclass(frozen=True)
class Wish:
    """What a customer asks for: `since` is the first day of what is missing."""

    kind: BacklogKind
    since: date
    note: str


def ask(session: Session, account: AccountRecovery, wish: Wish, now: datetime) -> BacklogRequest:
    """Keep a request. The same one again, while it is open, is the same."""
    # The account's row is the turn: of two requests at once the second one counts the first.
    session.execute(select(AccountRecovery.id).where(AccountRecovery.id == account.id).with_for_update())
    mine = (BacklogRequest.account_id == account.id, BacklogRequest.state.in_(OPEN))
    same = (BacklogRequest.kind == wish.kind, BacklogRequest.since == wish.since, BacklogRequest.note == wish.note)
    known = session.scalar(select(BacklogRequest).where(*mine, *same).limit(1))
    if known is not None:
        return known
    if (session.scalar(select(func.count()).select_from(BacklogRequest).where(*mine)) or 0) >= MOST_OPEN:
        raise RuleBroken(TOO_MANY)
    new = BacklogRequest(
        public_id=secrets.token_hex(8),
        account_id=account.id,
        kind=wish.kind,
        since=wish.since,
        note=wish.note,
        state=BacklogState.RECEIVED,
        asked_at=now,
        changed_at=now,
    )
    session.add(new)
    session.flush()
    actor, after = Actor(f"recovery_account:{account.id}"), {"kind": wish.kind.value, "since": wish.since.isoformat()}
    record(session, actor, "backlog.ask", f"backlog_request:{new.public_id}", after=after)
    return new


def set_state(
    session: Session, public_id: str, state: BacklogState, reason: str | None, *, actor: Actor, now: datetime
) -> BacklogRequest:
    """Say how far a request is; the same state again changes nothing, and one that has ended stays so."""
    found = select(BacklogRequest).where(BacklogRequest.public_id == public_id).with_for_update()
    one = session.scalar(found.execution_options(populate_existing=True))
    if one is None:
        raise NotFound("There is no such request.")
    reason = reason if state is BacklogState.DECLINED else None
    if state is BacklogState.DECLINED and not reason:
        raise Invalid(NEEDS_REASON, (FieldError("/reason", "say why: the customer reads it"),))
    if one.state is state and one.reason == reason:
        return one
    if not may_become(one.state, state):
        raise Conflict(ENDED)
    subject = f"backlog_request:{public_id}"
    record(session, actor, "backlog.state", subject, before={"state": one.state.value}, after={"state": state.value})
    one.state, one.reason, one.changed_at = state, reason, now
    return one
