"""What counts as progress."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Point:
    """A point of the growth of a stage."""

    at: datetime
    restored: int
    size: int


@dataclass(frozen=True)
class StageView:
    """Restoration of one stage of one panel; counts under 20 are None (hidden)."""

    panel: str
    stage: str
    restored: int | None
    running: int | None
    failed: int | None
    needs_choice: int | None
    size: int
    as_of: datetime
    points: tuple[Point, ...]

    @property
    def share(self) -> float | None:
        return None if self.restored is None or not self.size else min(1.0, self.restored / self.size)


@dataclass(frozen=True)
class ForwardingView:
    """The backlog of order forwarding of one panel and kind; the drain is a range from measured throughput."""

    panel: str
    kind: str
    total: int
    created: int
    merged: int
    failed: int
    waiting: int
    as_of: datetime
    per_hour: float | None
    drained_from: datetime | None
    drained_until: datetime | None
    basis_minutes: int | None
    stalled_since: datetime | None
