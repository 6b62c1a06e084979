"""What the page says against what is true: `python -m benchmarks.truth` prints the figures for docs/truth.md."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.replay import SHOWN_AFTER, Kind, Story, Told, replayed, stories
from statuspage.panels.rules import Status

SEED, COUNT = 20210310, 1000
WARSAW = ZoneInfo("Europe/Warsaw")
BAD = {Status.MAJOR, Status.DEGRADED}


@dataclass(frozen=True)
class Measured:
    """One replay, in seconds. Red stands for the status that is true: degraded where it is a part, or slow."""

    story: Story
    to_red: int | None
    to_green: int | None
    to_unknown: int | None
    false_red: int
    false_green: int
    unknown: int


def measure(story: Story, told: Sequence[Told]) -> Measured:
    """Compare each second. False red: the page says worse than anything true now or within the bound of seeing its end.

    False green: it says operational past the bound of seeing an outage that goes on.
    """
    page, truth = list(by_second(story, told)), [story.true_status(second) for second in range(story.length)]
    expected = truth[story.begin] if story.kind not in (Kind.CUT, Kind.DEAD) else Status.UNKNOWN
    shown = _first(page, story.begin, expected)
    green = _first(page, story.end, Status.OPERATIONAL)
    bound = story.unknown_within if expected is Status.UNKNOWN else story.red_within
    # What comes and goes may be seen good while it is.
    overdue = range(story.begin + bound, story.begin if story.kind is Kind.FLAPPING else story.end)
    return Measured(
        story=story,
        to_red=None if shown is None or expected not in BAD else shown - story.begin,
        to_green=None if green is None or story.begin == story.end else green - story.end,
        to_unknown=None if shown is None or expected is not Status.UNKNOWN else shown - story.begin,
        false_red=sum(
            status in BAD and not _explains(truth[max(0, second - story.green_within) : second + 1], status)
            for second, status in enumerate(page)
        ),
        false_green=sum(page[second] is Status.OPERATIONAL for second in overdue),
        unknown=sum(one is Status.UNKNOWN for one in page[2 * story.interval :]),
    )


def by_second(story: Story, told: Sequence[Told]) -> Iterator[Status]:
    """What the page says in each second; before it first says anything nothing is known."""
    status, coming = Status.UNKNOWN, iter([*told, None])
    following = next(coming)
    for second in range(story.length):
        while following is not None and following.second <= second:
            status, following = following.status, next(coming)
        yield status


def _first(page: Sequence[Status], since: int, status: Status) -> int | None:
    return next((second for second in range(since, len(page)) if page[second] is status), None)


def _explains(truth: Sequence[Status], status: Status) -> bool:
    """Whether something at least as bad was true."""
    return status in truth or (status is Status.DEGRADED and Status.MAJOR in truth)


def fortnight() -> dict[str, Story]:
    """The fire as panels A to D lived it, probed every 30 s from the evening before until panel C was back."""
    start = datetime(2021, 3, 9, 20, tzinfo=WARSAW)
    lost = datetime(2021, 3, 10, 3, 45, tzinfo=WARSAW)
    back = {
        "panel-a": datetime(2021, 3, 11, 14, tzinfo=WARSAW),
        "panel-b": datetime(2021, 3, 11, 16, 30, tzinfo=WARSAW),
        "panel-c": datetime(2021, 3, 22, 6, tzinfo=WARSAW),
    }
    found = {name: _panel(start, lost, end) for name, end in back.items()}
    opened = datetime(2021, 3, 11, 9, tzinfo=WARSAW)
    quiet = datetime(2021, 3, 23, tzinfo=WARSAW)
    return {**found, "panel-d": _panel(opened, quiet, quiet)}


def _panel(start: datetime, begin: datetime, end: datetime) -> Story:
    first, last = ((at - start) // timedelta(seconds=1) for at in (begin, end))
    return Story(Kind.HANGING, start, first, last, interval=30, shifts=(11,))


def spread(figures: Sequence[int]) -> str:
    """The middle, the slow twentieth, the worst."""
    if not figures:
        return "-"
    ordered = sorted(figures)
    p50, p95 = (ordered[min(len(ordered) - 1, len(ordered) * share // 100)] for share in (50, 95))
    return f"{p50} / {p95} / {ordered[-1]}"


def line(name: str, found: Sequence[Measured]) -> str:
    shown = [
        [one.to_red for one in found if one.to_red is not None],
        [one.to_green for one in found if one.to_green is not None],
        [one.to_unknown for one in found if one.to_unknown is not None],
    ]
    sums = [sum(one.false_red for one in found), sum(one.false_green for one in found)]
    unknown = sum(one.unknown for one in found)
    return f"| {name} | {len(found)} | {' | '.join(map(spread, shown))} | {sums[0]} | {sums[1]} | {unknown} |"


def main() -> None:
    print("| outage | count | to red | to green | to unknown | false red | false green | unknown |")
    print("|---|---|---|---|---|---|---|---|")
    found = [measure(story, replayed(story)) for story in stories(SEED, COUNT)]
    for kind in Kind:
        print(line(kind, [one for one in found if one.story.kind is kind]))
    for name, story in fortnight().items():
        print(line(name, [measure(story, replayed(story))]))
    print(f"Seconds, p50 / p95 / max; the page shows what is stored {SHOWN_AFTER} s later.")


if __name__ == "__main__":
    main()
