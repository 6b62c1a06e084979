"""What counts as progress, and what of it may be shown."""

from dataclasses import dataclass
from datetime import datetime

FEWEST_SHOWN = 20


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


def shown(count: int) -> int | None:
    """A count as the public may see it: small ones would point at people."""
    return count if count >= FEWEST_SHOWN else None
