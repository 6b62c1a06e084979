"""Reads accounts, what stands of them, their links and requests."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import String, bindparam, func, select
from sqlalchemy.orm import Session, joinedload

from statuspage.panels.models import Panel
from statuspage.recovery.models import (
    AccountRecovery,
    LinkRequest,
    RecoveryLink,
    StageState,
)
from statuspage.recovery.queries.lists import among, is_postgresql, packed, rows
from statuspage.recovery.rules.links import hash_link
from statuspage.recovery.rules.reports import STAGES, Key, Standing


def accounts_by_name(session: Session, panel_id: int, names: Collection[str]) -> dict[str, int]:
    """The ids of those of these accounts that are known."""
    asked = session.execute(_by_name(is_postgresql(session)), {"panel": panel_id, "names": packed(names)})
    return {name: key for name, key in asked if key is not None}


# Built once, like those in `actions.reports`.
@lru_cache
def _by_name(on_postgresql: bool) -> Any:  # noqa: FBT001  # said by its only caller
    # One look-up a name: told to find many, PostgreSQL without statistics (a first load) reads the whole panel.
    sent = rows(bindparam("names", type_=String), on_postgresql).subquery()
    mine = AccountRecovery.panel_id == bindparam("panel"), AccountRecovery.account == sent.c.value
    return select(sent.c.value, select(AccountRecovery.id).where(*mine).scalar_subquery())


def standing(session: Session, accounts: Mapping[str, int], stages: Collection[str]) -> dict[Key, Standing]:
    """What is on record for these stages of these accounts (name to id), by (name, stage)."""
    names = {key: name for name, key in accounts.items()}
    sent = {"accounts": packed(map(str, names)), "stages": list(stages)}
    return {
        (names[key], stage): Standing(state, (sequence, at, state.value, done, total, reason or ""), by, past)
        for key, stage, state, sequence, at, done, total, reason, by, past in session.execute(
            _standing(is_postgresql(session)), sent
        )
    }


@lru_cache
def _standing(on_postgresql: bool) -> Any:  # noqa: FBT001  # said by its only caller
    columns = (
        StageState.state, StageState.sequence, StageState.at, StageState.done, StageState.total, StageState.reason,
        StageState.by, StageState.past,
    )  # fmt: skip
    mine = among(StageState.account_id, bindparam("accounts", type_=String), on_postgresql)
    in_stages = StageState.stage.in_(bindparam("stages", expanding=True))
    return select(StageState.account_id, StageState.stage, *columns).where(mine, in_stages)


def account(session: Session, panel: str, name: str) -> AccountRecovery | None:
    found = select(AccountRecovery).join(AccountRecovery.panel)
    return session.scalar(found.where(Panel.slug == panel, AccountRecovery.account == name))


def stages_of(session: Session, account_id: int) -> list[StageState]:
    """The stages of one account, in the order of the site."""
    order = {stage: position for position, stage in enumerate(STAGES)}
    found = session.scalars(select(StageState).where(StageState.account_id == account_id)).all()
    return sorted(found, key=lambda one: order.get(one.stage, len(order)))


def temporaries_of(session: Session, account_id: int) -> Sequence[AccountRecovery]:
    """The temporary accounts that belong to an original one."""
    found = select(AccountRecovery).where(AccountRecovery.original_id == account_id)
    return session.scalars(found.order_by(AccountRecovery.id)).all()


def by_link(session: Session, token: str, now: datetime) -> AccountRecovery | None:
    """The account that a recovery link opens, while it does. `now` is the machine's time."""
    found = select(AccountRecovery).join(RecoveryLink, RecoveryLink.account_id == AccountRecovery.id)
    live = (RecoveryLink.token_hash == hash_link(token), RecoveryLink.revoked_at.is_(None))
    return session.scalar(found.where(*live, RecoveryLink.expires_at > now))


def search(session: Session, words: str, login: bytes) -> Sequence[AccountRecovery]:
    """Accounts of this name or this login (as an HMAC), on whichever panel."""
    found = select(AccountRecovery).where((AccountRecovery.account == words) | (AccountRecovery.login_hash == login))
    return session.scalars(found.order_by(AccountRecovery.panel_id).limit(50)).all()


def open_requests(session: Session) -> Sequence[LinkRequest]:
    """Wishes for a link that nobody has handled, each login once, the oldest first."""
    first = select(func.min(LinkRequest.id)).where(LinkRequest.handled_at.is_(None)).group_by(LinkRequest.login_hash)
    found = select(LinkRequest).where(LinkRequest.id.in_(first)).options(joinedload(LinkRequest.account))
    return session.scalars(found.order_by(LinkRequest.id).limit(200)).all()
