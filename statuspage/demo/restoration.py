"""Writes the restoration of panel C and the orders on the move, as far as the servers had reported them."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from statuspage.demo.accounts import (
    COUNT,
    LAG,
    NOT_BEGUN,
    PANEL,
    by_turn,
    front,
    report,
    reports,
    stages,
)
from statuspage.demo.story import Row, read, row_of, until
from statuspage.panels.models import Panel
from statuspage.recovery.models import (
    AccountRecovery,
    ForwardingPoint,
    PanelRecovery,
    PanelSize,
    ProgressMark,
    ProgressPoint,
    StageCount,
    StageState,
    Transfer,
)
from statuspage.recovery.rules.forwarding import Sample, TransferKind, sampled
from statuspage.recovery.rules.progress import passed
from statuspage.recovery.rules.reports import Report, State
from statuspage.texts.rules import texts

POINTS_EVERY = timedelta(minutes=15)
POINTS_KEPT = timedelta(hours=24)
MARKS_EVERY = timedelta(minutes=5)
CAUGHT_UP = "This account has imported the orders of its gap already."
Ids = dict[str, int]


def write(session: Session, now: datetime) -> None:
    """Sizes, accounts, progress and transfers as reported by `now`."""
    reported = now - LAG
    panels: Ids = dict(iter(session.execute(select(Panel.slug, Panel.id))))
    sizes = until(read("simulation")["sizes"], reported)
    if sizes:
        _accounts(session, panels[PANEL], sizes, reported)
    _transfers(session, panels, reported)


def _accounts(session: Session, panel: int, sizes: Sequence[Row], reported: datetime) -> None:
    begun = min(stage["restored"][0][0] for stage in stages())
    seen = COUNT if reported >= begun else 0
    session.add(PanelRecovery(panel_id=panel, size=sizes[-1]["accounts"], seen=seen))
    session.add_all(
        PanelSize(panel_id=panel, size=row["accounts"], at=row["at"], reason=texts(row["why"])) for row in sizes
    )
    session.flush()
    if not seen:
        return
    session.execute(insert(AccountRecovery), [{"panel_id": panel, "account": account} for account in by_turn()])
    found = select(AccountRecovery.account, AccountRecovery.id).where(AccountRecovery.panel_id == panel)
    ids: Ids = dict(iter(session.execute(found)))
    session.execute(insert(StageState), [_state(ids, one) for one in _reports(reported, begun)])
    session.execute(insert(StageCount), list(_counts(panel, reported)))
    points = list(_points(panel, sizes, begun, reported))
    if points:
        session.execute(insert(ProgressPoint), points)
    marks = list(_marks(panel, sizes, begun, reported))
    if marks:
        session.execute(insert(ProgressMark), marks)


def _reports(reported: datetime, begun: datetime) -> Iterator[Report]:
    """The last report of each stage of each account."""
    for stage in stages():
        now = front(stage, reported)
        yield from reports(stage, NOT_BEGUN, now, reported)
        if stage["stage"] == "access":
            for turn in range(now.running, COUNT):
                yield report("access", turn, State.WAITING, begun)


def _state(ids: Ids, one: Report) -> dict[str, Any]:
    return {
        "account_id": ids[one.account],
        "stage": one.stage,
        "state": one.state,
        "done": one.done,
        "total": one.total,
        "sequence": one.sequence,
        "at": one.at,
    }


def _counts(panel: int, reported: datetime) -> Iterator[dict[str, Any]]:
    for stage in stages():
        counts = front(stage, reported).counts()
        if stage["stage"] == "access":
            counts[State.WAITING] = COUNT - sum(counts.values())
        for state, accounts in counts.items():
            if accounts:
                yield {
                    "panel_id": panel,
                    "stage": stage["stage"],
                    "state": state,
                    "accounts": accounts,
                    "changed_at": reported,
                }


def _points(panel: int, sizes: Sequence[Row], begun: datetime, reported: datetime) -> Iterator[dict[str, Any]]:
    """A point of each stage every quarter of an hour, and one for what is known last."""
    for at in _moments(begun, reported):
        size = until(sizes, at)[-1]["accounts"]
        for stage in stages():
            restored = front(stage, at).restored
            if restored:
                yield {"panel_id": panel, "stage": stage["stage"], "at": at, "restored": restored, "size": size}


def _marks(panel: int, sizes: Sequence[Row], begun: datetime, reported: datetime) -> Iterator[dict[str, Any]]:
    """The tenths that each stage came to, when the job that looks every few minutes noticed."""
    for stage in stages():
        known: set[int] = set()
        for at in _steps(begun, reported, MARKS_EVERY):
            restored, size = front(stage, at).restored, until(sizes, at)[-1]["accounts"]
            for percent in sorted(set(passed(restored, size)) - known):
                known.add(percent)
                counts = {"percent": percent, "restored": restored, "size": size}
                yield {"panel_id": panel, "stage": stage["stage"], "at": at, **counts}


def _moments(begun: datetime, reported: datetime) -> Iterator[datetime]:
    yield from _steps(max(begun, reported - POINTS_KEPT), reported, POINTS_EVERY)


def _steps(at: datetime, end: datetime, every: timedelta) -> Iterator[datetime]:
    while at < end:
        yield at
        at += every
    yield end


def _transfers(session: Session, panels: Ids, reported: datetime) -> None:
    moved: defaultdict[tuple[int, TransferKind], list[Row]] = defaultdict(list)
    for row in read("simulation")["transfers"]:
        if row["points"][0][0] <= reported:
            transfer = _transfer(row, panels, reported)
            session.add(transfer)
            moved[transfer.panel_id, transfer.kind].append(row)
    for (panel, kind), rows in moved.items():
        session.add_all(_forwarding(panel, kind, rows, reported))
    session.flush()


def numbers(row: Row, at: datetime) -> tuple[int, int, int, int]:
    """Created, merged, failed, waiting at a moment; what rounding leaves over is still waiting."""
    created, merged, failed, _ = row_of([(moment, tuple(rest)) for moment, *rest in row["points"]], at)
    return created, merged, failed, row["total"] - created - merged - failed


def moved_at(row: Row, at: datetime) -> datetime:
    """When an order moved last: where the curve was level, at the start of the level stretch."""
    last: datetime = row["points"][0][0]
    for (start, *before), (end, *after) in zip(row["points"], row["points"][1:], strict=False):
        if before != after and start < at:
            last = min(end, at)
    return last


def sequence(at: datetime) -> int:
    return int(at.timestamp())


def _transfer(row: Row, panels: Ids, reported: datetime) -> Transfer:
    created, merged, failed, waiting = numbers(row, reported)
    kind = TransferKind(row["kind"])
    return Transfer(
        public_id=row["slug"],
        kind=kind,
        panel_id=panels[row["panel"]],
        to_account=row.get("to_account"),
        from_panel_id=panels[row["from_panel"]] if "from_panel" in row else None,
        from_account=row.get("from_account"),
        name=texts(row["name"]),
        total=row["total"],
        created=created,
        merged=merged,
        failed=failed,
        waiting=waiting,
        sequence=sequence(reported),
        at=reported,
        moved_at=moved_at(row, reported),
        opened_at=row["points"][0][0],
        override_reason=CAUGHT_UP if kind is TransferKind.TEMPORARY else None,
        past=_past(row, reported),
    )


def _past(row: Row, reported: datetime) -> list[Sample]:
    past: list[Sample] = []
    for at in _moments(row["points"][0][0], reported):
        past = sampled(past, at, sum(numbers(row, at)[:3]))
    return past


def _forwarding(panel: int, kind: TransferKind, rows: Sequence[Row], reported: datetime) -> Iterator[ForwardingPoint]:
    """How far all transfers of a panel and kind had come, every quarter of an hour."""
    begun = min(row["points"][0][0] for row in rows)
    for at in _moments(begun, reported):
        begun_by_then = [numbers(row, at) for row in rows if row["points"][0][0] <= at]
        moved = sum(sum(three) for *three, _ in begun_by_then)
        waiting = sum(four[3] for four in begun_by_then)
        yield ForwardingPoint(panel_id=panel, kind=kind, at=at, moved=moved, waiting=waiting)
