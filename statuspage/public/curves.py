"""How fast a panel answers as a drawing: two stepped lines, whole numbers, gaps where nobody measured."""

from collections.abc import Sequence
from itertools import groupby

from statuspage import i18n
from statuspage.i18n import translate
from statuspage.latency.rules import Curve

WIDTH, HEIGHT = 480, 100
STEPS = (1, 2, 5)
SECOND = 1000


def took(locale: str, milliseconds: float) -> str:
    """A time as people read it: `8.4 ms`, `184 ms`, `1.9 s`."""
    if milliseconds < SECOND:
        exact = milliseconds if milliseconds < 10 else round(milliseconds)
        return translate(locale, "%(number)s ms", number=i18n.number(locale, exact))
    return translate(locale, "%(number)s s", number=i18n.number(locale, round(milliseconds / SECOND, 1)))


def ceiling(curve: Curve) -> int:
    """The top of the drawing in milliseconds: the next round number above all."""
    highest = max((most for _, most in curve.hours if most is not None), default=1)
    tens = 1
    while STEPS[-1] * tens < highest:
        tens *= 10
    return next(step * tens for step in STEPS if step * tens >= highest)


def half(curve: Curve) -> tuple[str, ...]:
    """Within which time half of the answers came, as the points of SVG lines."""
    return _lines([one for one, _ in curve.hours], ceiling(curve))


def most(curve: Curve) -> tuple[str, ...]:
    """The same of 95 per cent."""
    return _lines([one for _, one in curve.hours], ceiling(curve))


def _lines(values: Sequence[float | None], top: int) -> tuple[str, ...]:
    """One line for each run of hours with a value; an hour is a step as wide as it is long."""
    wide = WIDTH // max(1, len(values))
    lines = []
    for known, group in groupby(enumerate(values), key=lambda pair: pair[1] is not None):
        if known:
            steps = [(place * wide, HEIGHT - round(HEIGHT * (value or 0) / top)) for place, value in group]
            lines.append(" ".join(f"{x},{y} {x + wide},{y}" for x, y in steps))
    return tuple(lines)
