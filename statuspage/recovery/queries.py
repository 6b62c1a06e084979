"""Reads progress, accounts, links and orders on the move."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, joinedload

from statuspage.panels.models import Panel
from statuspage.recovery.models import (
    AccountRecovery,
    ForwardingPoint,
    LinkRequest,
    PanelRecovery,
    ProgressPoint,
    RecoveryLink,
    StageCount,
    StageState,
    Transfer,
)
from statuspage.recovery.rules import (
    STAGES,
    WINDOWS,
    ForwardingView,
    Key,
    Point,
    StageView,
    Standing,
    State,
    TransferKind,
    drain,
    hash_link,
    shown,
    stalled_since,
)

POINTS_SHOWN = 96
IN_ONE_QUESTION = 500
Item = TypeVar("Item")


def panel_ids(session: Session) -> dict[str, int]:
    return {one.slug: one.id for one in session.execute(select(Panel.slug, Panel.id))}


def stage_views(session: Session) -> tuple[StageView, ...]:
    """Restoration per panel and stage, from the counters alone: its cost does not grow with the accounts."""
    counts: defaultdict[tuple[int, str], dict[State, int]] = defaultdict(dict)
    as_of: dict[tuple[int, str], datetime] = {}
    for row in session.scalars(select(StageCount)):
        key = (row.panel_id, row.stage)
        counts[key][row.state] = row.accounts
        as_of[key] = max(row.changed_at, as_of.get(key, row.changed_at))
    found = select(PanelRecovery.panel_id, Panel.slug, PanelRecovery.size, PanelRecovery.seen)
    found = found.join(Panel, Panel.id == PanelRecovery.panel_id).order_by(Panel.position, Panel.id)
    return tuple(
        StageView(
            panel=slug,
            stage=stage,
            restored=shown(counts[panel_id, stage].get(State.RESTORED, 0)),
            running=shown(counts[panel_id, stage].get(State.RUNNING, 0)),
            failed=shown(counts[panel_id, stage].get(State.FAILED, 0)),
            needs_choice=shown(counts[panel_id, stage].get(State.NEEDS_CHOICE, 0)),
            size=max(size, seen),
            as_of=as_of[panel_id, stage],
            points=_points(session, panel_id, stage),
        )
        for panel_id, slug, size, seen in session.execute(found)
        for stage in STAGES
        if (panel_id, stage) in counts
    )


def _points(session: Session, panel_id: int, stage: str) -> tuple[Point, ...]:
    """The last points of a chart, those with small counts left out."""
    found = select(ProgressPoint.at, ProgressPoint.restored, ProgressPoint.size)
    found = found.where(ProgressPoint.panel_id == panel_id, ProgressPoint.stage == stage)
    rows = session.execute(found.order_by(ProgressPoint.at.desc()).limit(POINTS_SHOWN)).all()
    return tuple(Point(at, restored, size) for at, restored, size in reversed(rows) if shown(restored) is not None)


def last_points(session: Session) -> dict[tuple[int, str], tuple[int, int]]:
    """What the newest point of each panel and stage says: (restored, size)."""
    newest = select(ProgressPoint.panel_id, ProgressPoint.stage, func.max(ProgressPoint.at).label("at"))
    last = newest.group_by(ProgressPoint.panel_id, ProgressPoint.stage).subquery()
    same = (ProgressPoint.panel_id == last.c.panel_id) & (ProgressPoint.stage == last.c.stage)
    found = select(ProgressPoint).join(last, same & (ProgressPoint.at == last.c.at))
    return {(one.panel_id, one.stage): (one.restored, one.size) for one in session.scalars(found)}


def totals(session: Session) -> list[tuple[int, str, int, int]]:
    """(panel, stage, restored, size) as counted now."""
    restored = func.sum(case((StageCount.state == State.RESTORED, StageCount.accounts), else_=0))
    found = (
        select(StageCount.panel_id, StageCount.stage, restored, PanelRecovery.size, PanelRecovery.seen)
        .join(PanelRecovery, PanelRecovery.panel_id == StageCount.panel_id)
        .group_by(StageCount.panel_id, StageCount.stage, PanelRecovery.size, PanelRecovery.seen)
    )
    return [(panel, stage, int(done), max(size, seen)) for panel, stage, done, size, seen in session.execute(found)]


def forwarding_views(session: Session, now: datetime) -> tuple[ForwardingView, ...]:
    """The backlog of order forwarding per panel and kind."""
    sums = [func.sum(column) for column in (Transfer.total, Transfer.created, Transfer.merged, Transfer.failed)]
    found = (
        select(
            Panel.id, Panel.slug, Transfer.kind, *sums, func.sum(Transfer.waiting),
            func.max(Transfer.at), func.max(Transfer.moved_at),
        )
        .join(Panel, Panel.id == Transfer.panel_id)
        .group_by(Panel.id, Panel.slug, Panel.position, Transfer.kind)
        .order_by(Panel.position, Panel.id, Transfer.kind)
    )  # fmt: skip
    views = []
    rows: list[Any] = list(session.execute(found))
    for panel_id, slug, kind, total, created, merged, failed, waiting, at, moved_at in rows:
        stalled = stalled_since(int(waiting), moved_at, now)
        ending = None if stalled else drain(_moved(session, panel_id, kind, now), int(waiting), now)
        views.append(
            ForwardingView(
                panel=slug,
                kind=kind.value,
                total=int(total),
                created=int(created),
                merged=int(merged),
                failed=int(failed),
                waiting=int(waiting),
                as_of=at,
                per_hour=round(ending.per_hour, 1) if ending else None,
                drained_from=ending.first if ending else None,
                drained_until=ending.last if ending else None,
                basis_minutes=ending.basis_minutes if ending else None,
                stalled_since=stalled,
            )
        )
    return tuple(views)


def _moved(session: Session, panel_id: int, kind: TransferKind, now: datetime) -> list[tuple[datetime, int]]:
    """The points of the longest window, and the one before it."""
    mine = select(ForwardingPoint.at, ForwardingPoint.moved).where(
        ForwardingPoint.panel_id == panel_id, ForwardingPoint.kind == kind
    )
    start = now - max(WINDOWS)
    inside = mine.where(ForwardingPoint.at > start, ForwardingPoint.at <= now).order_by(ForwardingPoint.at)
    before = mine.where(ForwardingPoint.at <= start).order_by(ForwardingPoint.at.desc()).limit(1)
    return [(at, moved) for at, moved in (*session.execute(before), *session.execute(inside))]


def accounts_by_name(session: Session, panel_id: int, names: Collection[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _slices(sorted(names)):
        asked = select(AccountRecovery.account, AccountRecovery.id).where(
            AccountRecovery.panel_id == panel_id, AccountRecovery.account.in_(some)
        )
        found.update((name, key) for name, key in session.execute(asked))
    return found


def standing(session: Session, accounts: Mapping[str, int]) -> dict[Key, Standing]:
    """What is on record for these accounts (name to id), by (name, stage)."""
    names = {key: name for name, key in accounts.items()}
    found: dict[Key, Standing] = {}
    columns = (StageState.state, StageState.sequence, StageState.at, StageState.done, StageState.total)
    for some in _slices(sorted(names)):
        asked = select(StageState.account_id, StageState.stage, *columns).where(StageState.account_id.in_(some))
        for key, stage, state, sequence, at, done, total in session.execute(asked):
            found[names[key], stage] = Standing(state, (sequence, at, state.value, done, total))
    return found


def _slices(items: Sequence[Item]) -> list[Sequence[Item]]:
    """SQLite takes a limited number of values in one question."""
    return [items[start : start + IN_ONE_QUESTION] for start in range(0, len(items), IN_ONE_QUESTION)]


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


def search(session: Session, words: str) -> Sequence[AccountRecovery]:
    """Accounts of this name, on whichever panel."""
    found = select(AccountRecovery).where(AccountRecovery.account == words.strip())
    return session.scalars(found.order_by(AccountRecovery.panel_id).limit(50)).all()


def open_requests(session: Session) -> Sequence[LinkRequest]:
    """Wishes for a link that nobody has handled, the oldest first."""
    found = select(LinkRequest).where(LinkRequest.handled_at.is_(None)).options(joinedload(LinkRequest.account))
    return session.scalars(found.order_by(LinkRequest.id).limit(200)).all()


def transfer(session: Session, public_id: str) -> Transfer | None:
    return session.scalar(select(Transfer).where(Transfer.public_id == public_id))


def transfers_of(session: Session, owner: AccountRecovery) -> Sequence[Transfer]:
    """Orders on the move into an account or out of it, the oldest first."""
    into = (Transfer.panel_id == owner.panel_id) & (Transfer.to_account == owner.account)
    out = (Transfer.from_panel_id == owner.panel_id) & (Transfer.from_account == owner.account)
    return session.scalars(select(Transfer).where(into | out).order_by(Transfer.id).limit(50)).all()


def sizes(session: Session) -> dict[str, int]:
    """N of each panel in recovery: what was stated, or what was seen if that is more."""
    found = select(Panel.slug, PanelRecovery.size, PanelRecovery.seen).join(Panel, Panel.id == PanelRecovery.panel_id)
    return {slug: max(size, seen) for slug, size, seen in session.execute(found)}
