"""The growth of a restoration as two shapes, an area below the steps of N, and the rows of its table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.recovery.rules.progress import Point, SizeView, StageView

WIDTH, HEIGHT = 100, 24
MOST_DRAWN = 32
ROWS = 8


@dataclass(frozen=True)
class Chart:
    """What is drawn from `first` to `last`: the area of the restored, the line of N, a tick where N changed."""

    area: str
    sizes: str
    ticks: tuple[tuple[str, SizeView], ...]
    first: datetime
    last: datetime
    rows: tuple[Point, ...]


def chart(stage: StageView, sizes: Sequence[SizeView]) -> Chart | None:
    """The chart of a stage; None where the count is hidden or there is too little to draw."""
    points = stage.points
    if stage.restored is None or len(points) < 2:
        return None
    frame = Frame(points, [one for one in sizes if one.panel == stage.panel])
    area = " ".join(frame.place(one.at, one.restored) for one in spread(points, MOST_DRAWN))
    return Chart(
        area=f"0,{HEIGHT} {area} {WIDTH},{HEIGHT}",
        sizes=" ".join(frame.line()),
        ticks=tuple((frame.x(one.at), one) for one in frame.inside),
        first=frame.first,
        last=frame.last,
        rows=tuple(reversed(spread(points, ROWS))),
    )


class Frame:
    """The field of a chart: from the first point to the last, from nothing to the largest N in it."""

    def __init__(self, points: Sequence[Point], sizes: Sequence[SizeView]) -> None:
        self.first, self.last = points[0].at, points[-1].at
        before = [one.size for one in sizes if one.at < self.first]
        self.inside = [one for one in sizes if self.first <= one.at <= self.last]
        self.start = before[-1] if before else points[0].size
        self.end = points[-1].size
        self.top = max([self.start, self.end, *(one.size for one in self.inside)])

    def x(self, at: datetime) -> str:
        return f"{WIDTH * ((at - self.first) / (self.last - self.first)):.1f}"

    def y(self, count: int) -> str:
        return f"{HEIGHT * (1 - min(1.0, count / self.top)):.1f}"

    def place(self, at: datetime, count: int) -> str:
        return f"{self.x(at)},{self.y(count)}"

    def line(self) -> Iterator[str]:
        """N in steps, from the left edge to the right."""
        size = self.start
        yield f"0,{self.y(size)}"
        for one in self.inside:
            yield from (self.place(one.at, size), self.place(one.at, one.size))
            size = one.size
        yield f"{WIDTH},{self.y(size)}"


def spread(points: Sequence[Point], most: int) -> list[Point]:
    """At most so many of the points, evenly, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    return [points[place * (len(points) - 1) // (most - 1)] for place in range(most)]
