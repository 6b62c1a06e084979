"""Reads the board of the desk: panels by stages, what is stuck and why; and rows for an export."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from statuspage.panels.models import Panel
from statuspage.recovery.models import STUCK, AccountRecovery, PanelRecovery, StageCount, StageState
from statuspage.recovery.rules.reports import STAGES, Report, State
from statuspage.texts.rules import Texts

MOST_GROUPS = 100
ACCOUNTS_AT_ONCE = 500


@dataclass
class Row:
    """One panel: how many accounts of each stage are in which state, hidden from nobody at the desk."""

    slug: str
    name: Texts
    size: int
    stages: dict[str, dict[State, int]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True)
class Stuck:
    """Accounts that wait for somebody for the same reason."""

    panel: Texts
    stage: str
    state: State
    reason: str | None
    accounts: int


def rows(session: Session) -> list[Row]:
    """The panels in recovery, from the counters alone."""
    found = select(Panel.id, Panel.slug, Panel.name, PanelRecovery.size, PanelRecovery.seen)
    found = found.join(PanelRecovery, PanelRecovery.panel_id == Panel.id).order_by(Panel.position, Panel.id)
    board = {key: Row(slug, name, max(size, seen)) for key, slug, name, size, seen in session.execute(found)}
    for one in session.scalars(select(StageCount).where(StageCount.accounts > 0)):
        board[one.panel_id].stages[one.stage][one.state] = one.accounts
    return list(board.values())


def stuck(session: Session) -> list[Stuck]:
    """What fails or waits for a choice, by reason, the most accounts first. Served by `ix_stage_state_stuck`."""
    number, place = func.count().label("number"), AccountRecovery.panel_id
    groups = (
        select(place, StageState.stage, StageState.state, StageState.reason, number)
        .join(AccountRecovery, AccountRecovery.id == StageState.account_id)
        # Word for word the condition of the index: with bound values SQLite would not use it.
        .where(text(f"stage_state.{STUCK}"))
        .group_by(place, StageState.stage, StageState.state, StageState.reason)
        .order_by(number.desc(), place, StageState.stage, StageState.state, StageState.reason)
        .limit(MOST_GROUPS)
    )
    panels = {one.id: one.name for one in session.execute(select(Panel.id, Panel.name))}
    return [
        Stuck(panels[panel], stage, state, reason, accounts)
        for panel, stage, state, reason, accounts in session.execute(groups)
    ]


def reports_after(session: Session, last: int, panel: str | None) -> tuple[int, list[Report]]:
    """What is on record for the next accounts after the id `last`, and the id of the last of them; 0 at the end."""
    found = select(AccountRecovery.id).where(AccountRecovery.id > last).order_by(AccountRecovery.id)
    if panel:
        found = found.join(Panel, Panel.id == AccountRecovery.panel_id).where(Panel.slug == panel)
    ids = session.scalars(found.limit(ACCOUNTS_AT_ONCE)).all()
    return (ids[-1], list(_reports(session, ids[0], ids[-1], panel))) if ids else (0, [])


def _reports(session: Session, first: int, last: int, panel: str | None) -> Iterator[Report]:
    order = {stage: place for place, stage in enumerate(STAGES)}
    found = (
        select(StageState, AccountRecovery.account, Panel.slug)
        .join(AccountRecovery, AccountRecovery.id == StageState.account_id)
        .join(Panel, Panel.id == AccountRecovery.panel_id)
        .where(StageState.account_id.between(first, last))
    )
    rows = session.execute(found.where(Panel.slug == panel) if panel else found)
    for one, account, slug in sorted(rows, key=lambda row: (row[0].account_id, order.get(row[0].stage, 99))):
        yield Report(slug, account, one.stage, one.state, one.done, one.total, one.sequence, one.at, one.reason)
