"""The formula of uptime, stated on the page: degraded counts as up, partial as half, major as down;
maintenance and unknown are left out."""

from dataclasses import dataclass
from datetime import date

from statuspage.panels.rules import Status


@dataclass(frozen=True)
class Seconds:
    """Seconds per status in some stretch of time."""

    operational: int = 0
    degraded: int = 0
    partial: int = 0
    major: int = 0
    maintenance: int = 0
    unknown: int = 0

    def __add__(self, other: "Seconds") -> "Seconds":
        return Seconds(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def share_up(self) -> float | None:
        """0 … 1, or None when nobody looked all the time."""
        known = self.operational + self.degraded + self.partial + self.major
        return (self.operational + self.degraded + self.partial / 2) / known if known else None


@dataclass(frozen=True)
class Bar:
    """One day of a panel: the share of time it was up (None: nobody looked) and its worst status."""

    day: date
    up: float | None
    worst: Status
