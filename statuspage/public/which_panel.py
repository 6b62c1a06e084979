"""Which panel an account lives on, answered from the day or month it was created."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Generic, TypeVar

from statuspage.panels.rules import Created, NoSuchDay, Window, covers, parse_created

DAY = timedelta(days=1)
W = TypeVar("W", bound=Window)


class Kind(StrEnum):
    """What the answer says."""

    ONE = "one"
    SEVERAL = "several"
    NONE = "none"
    FUTURE = "future"
    NO_SUCH_DAY = "no-such-day"


@dataclass(frozen=True)
class Stretch(Generic[W]):
    """Days of which one panel, or none, has the accounts."""

    first: date
    last: date
    panel: W | None


@dataclass(frozen=True)
class Answer(Generic[W]):
    """`stretches` are the named days up to today, in order, each with its panel or none."""

    kind: Kind
    created: Created | None = None
    stretches: tuple[Stretch[W], ...] = ()

    @property
    def panels(self) -> tuple[W, ...]:
        return tuple(one.panel for one in self.stretches if one.panel is not None)

    @property
    def gaps(self) -> tuple[Stretch[W], ...]:
        return tuple(one for one in self.stretches if one.panel is None)


def answer(words: str, panels: Sequence[W], today: date) -> Answer[W]:
    """The answer to what a reader typed."""
    try:
        created = parse_created(words)
    except NoSuchDay:
        return Answer(Kind.NO_SUCH_DAY)
    return answer_for(created, panels, today)


def answer_for(created: Created, panels: Sequence[W], today: date) -> Answer[W]:
    """The answer for a day or a month; of the current month only the days so far count."""
    if created.first > today:
        return Answer(Kind.FUTURE, created)
    stretches = tuple(_stretches(created.first, min(created.last, today), panels))
    found = [one for one in stretches if one.panel is not None]
    kind = Kind.NONE if not found else Kind.ONE if len(found) == 1 else Kind.SEVERAL
    return Answer(kind, created, stretches)


def _stretches(first: date, last: date, panels: Sequence[W]) -> Iterator[Stretch[W]]:
    """The days first … last, cut where the panel changes. Windows do not overlap."""
    touching = [panel for panel in panels if covers(panel, first, last)]
    day = first
    for panel in sorted(touching, key=lambda one: one.accounts_from or date.min):
        start = max(panel.accounts_from or first, first)
        end = min(panel.accounts_until or last, last)
        if day < start:
            yield Stretch(day, start - DAY, None)
        yield Stretch(start, end, panel)
        if end == last:
            return
        day = end + DAY
    yield Stretch(day, last, None)
