"""Sizes of panels, what is known of accounts, and the links to their pages."""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.errors import NotFound, RuleBroken
from statuspage.panels.models import Panel
from statuspage.recovery.actions.reports import open_accounts, take_turn
from statuspage.recovery.models import AccountRecovery, LinkRequest, PanelSize, RecoveryLink
from statuspage.recovery.queries.accounts import accounts_by_name
from statuspage.recovery.rules.links import hash_link
from statuspage.texts.rules import Texts

LINK_LASTS = timedelta(days=90)
REQUESTS_LAST = timedelta(days=30)


def state_size(
    session: Session, panel: str, size: int, *, actor: Actor, at: datetime, reason: Texts | None = None
) -> None:
    """Say how many accounts a panel has, and for readers why that changed; keeps what was said before."""
    panel_id = panel_named(session, panel).id
    turn = take_turn(session, [panel_id])[panel_id]
    if turn.size == size:
        return
    record(session, actor, "recovery.size", f"panel:{panel}", before={"size": turn.size}, after={"size": size})
    turn.size = size
    session.add(PanelSize(panel_id=panel_id, size=size, at=at, reason=reason))


def panel_named(session: Session, slug: str) -> Panel:
    found = session.scalar(select(Panel).where(Panel.slug == slug))
    if found is None:
        raise NotFound(f"There is no panel {slug}.")
    return found


def open_account(session: Session, panel: str, name: str) -> AccountRecovery:
    """The account, made if it was not known."""
    panel_id = panel_named(session, panel).id
    turn = take_turn(session, [panel_id])[panel_id]
    known = accounts_by_name(session, panel_id, [name]) or open_accounts(session, turn, [name])
    return session.get_one(AccountRecovery, known[name])


def describe_account(
    session: Session, account: AccountRecovery, changes: Mapping[str, bytes | str | None], actor: Actor
) -> None:
    """Set `login_hash` or `contact`; the audit log says which, never what."""
    for field, value in changes.items():
        setattr(account, field, value)
    subject = f"recovery_account:{account.id}"
    record(session, actor, "recovery.account", subject, after={"changed": sorted(changes)})


def link_temporary(session: Session, original: AccountRecovery, temporary: AccountRecovery, actor: Actor) -> None:
    """Say that a temporary account belongs to this original one."""
    if temporary.id == original.id or temporary.original_id not in (None, original.id) or original.original_id:
        raise RuleBroken("A temporary account belongs to one original account, which is not temporary itself.")
    temporary.original_id = original.id
    subject = f"recovery_account:{original.id}"
    record(session, actor, "recovery.link_temporary", subject, after={"temporary": temporary.id})


def mint_link(session: Session, account: AccountRecovery, actor: Actor) -> str:
    """A new recovery link's token: shown once, kept as a hash, good for 90 days. Handles open wishes for it."""
    token, now = new_link(session, account.id), clock.wall()
    wishes = update(LinkRequest).where(LinkRequest.account_id == account.id, LinkRequest.handled_at.is_(None))
    session.execute(wishes.values(handled_at=now))
    record(session, actor, "recovery.link", f"recovery_account:{account.id}")
    return token


def new_link(session: Session, account_id: int) -> str:
    token, now = secrets.token_urlsafe(32), clock.wall()
    session.add(
        RecoveryLink(token_hash=hash_link(token), account_id=account_id, created_at=now, expires_at=now + LINK_LASTS)
    )
    return token


def revoke_links(session: Session, account: AccountRecovery, actor: Actor) -> None:
    """End every link of an account: one was seen by somebody else."""
    mine = update(RecoveryLink).where(RecoveryLink.account_id == account.id, RecoveryLink.revoked_at.is_(None))
    session.execute(mine.values(revoked_at=clock.wall()))
    record(session, actor, "recovery.revoke_links", f"recovery_account:{account.id}")


def request_link(session: Session, login: bytes, now: datetime, locale: str | None = None) -> None:
    """Somebody with this login (as an HMAC) wants their link. The same steps for a known and an unknown one:
    a row is written each time, as one that is written only sometimes could be told by its time."""
    found = select(AccountRecovery.id).where(AccountRecovery.login_hash == login).order_by(AccountRecovery.id)
    account_id = session.scalar(found.limit(1))
    session.add(LinkRequest(login_hash=login, account_id=account_id, requested_at=now, locale=locale))


def close_request(session: Session, request_id: int, actor: Actor) -> None:
    """A wish is done with, as often as it was sent; closing it twice is the same."""
    wish = session.get(LinkRequest, request_id, with_for_update=True)
    if wish is None:
        raise NotFound("There is no such request.")
    if wish.handled_at is None:
        same = update(LinkRequest).where(LinkRequest.login_hash == wish.login_hash, LinkRequest.handled_at.is_(None))
        session.execute(same.values(handled_at=clock.wall()))
        record(session, actor, "recovery.close_request", f"link_request:{request_id}")


def forget_requests(session: Session, now: datetime) -> None:
    """Wishes are kept for 30 days."""
    session.execute(delete(LinkRequest).where(LinkRequest.requested_at <= now - REQUESTS_LAST))
