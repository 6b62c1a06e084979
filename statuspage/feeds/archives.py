"""How a long feed is kept in parts (RFC 5005): the newest at its address, the rest in archives that stay."""

from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.feeds.news import News

LONGEST = 25


@dataclass(frozen=True)
class Part:
    """One document of a feed. `number` counts archives from the oldest, 1; None is the address people subscribe to."""

    number: int | None
    items: tuple[News, ...]
    before: int | None = None
    after: int | None = None


def parts(items: Sequence[News]) -> list[Part]:
    """The document to subscribe to, then the archives, the oldest first; the items of each the newest first.

    Archives are cut in the order in which news first appeared, and only when full: one that stands holds the same
    25 for ever, whatever is corrected or added. What is in none of them yet stands in the first document.
    """
    count = len(items) // LONGEST if len(items) > LONGEST else 0
    by_age = sorted(items, key=lambda one: (one.published, one.sequence, one.uuid))
    first = Part(None, _newest(items, by_age[count * LONGEST :]), before=count or None)
    return [first, *(_archive(by_age, number, count) for number in range(1, count + 1))]


def _newest(items: Sequence[News], unkept: Sequence[News]) -> tuple[News, ...]:
    """All that no archive holds, filled up with the newest of the others: a guide may be changed years later."""
    shown = {item.uuid for item in unkept}
    others = [item.uuid for item in items if item.uuid not in shown]
    shown.update(others[: LONGEST - len(shown)])
    return tuple(item for item in items if item.uuid in shown)


def _archive(by_age: Sequence[News], number: int, count: int) -> Part:
    held = by_age[(number - 1) * LONGEST : number * LONGEST]
    before = number - 1 if number > 1 else None
    return Part(number, tuple(reversed(held)), before, number + 1 if number < count else None)
