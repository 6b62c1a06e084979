"""Replays outages in simulated time: what was true, what the probes saw, and what the page said by our own rules."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from statuspage.panels.rules import Status
from statuspage.probing.rules import (
    Standing,
    Tally,
    after_result,
    after_silence,
    is_unheard,
    slot,
)
from statuspage.status.queries import FROM_VERDICT
from statuspage.status.rules import of_probes

# From a result that came in to the page that shows it, at worst: the tick, the storing, the publisher's rest.
SHOWN_AFTER = 1
REFERENCE_PATIENCE = 3
SETTLED = 150
# The nights on which Europe/Warsaw changes its clocks, and a plain day.
DAYS = (datetime(2021, 3, 28, tzinfo=UTC), datetime(2021, 10, 31, tzinfo=UTC), datetime(2021, 3, 10, tzinfo=UTC))


class Kind(StrEnum):
    HARD = "hard"
    HANGING = "hanging"
    PARTIAL = "partial"
    SLOW = "slow"
    FLAPPING = "flapping"
    CUT = "our own network cut"
    DEAD = "worker dead"


@dataclass(frozen=True)
class Story:
    """One outage of a component with some probes; all times in seconds after `start`."""

    kind: Kind
    start: datetime
    begin: int
    end: int
    interval: int
    timeout: int = 10
    down_after: int = 2
    up_after: int = 2
    probes: int = 1
    shifts: tuple[int, ...] = (0,)
    beat: int = 0

    @property
    def length(self) -> int:
        return self.end + SETTLED + 3 * self.interval

    def is_bad(self, second: int) -> bool:
        return self.begin <= second < self.end

    def fails(self, probe: int, second: int) -> bool:
        """What is true of the part of the component that this probe looks at."""
        if self.kind is Kind.FLAPPING:
            return self.is_bad(second) and (second - self.begin) // self.beat % 2 == 0
        if self.kind is Kind.PARTIAL:
            return self.is_bad(second) and probe == 0
        return self.kind in (Kind.HARD, Kind.HANGING) and self.is_bad(second)

    def true_status(self, second: int) -> Status:
        failing = [self.fails(probe, second) for probe in range(self.probes)]
        if any(failing):
            return Status.MAJOR if all(failing) else Status.DEGRADED
        slow = self.kind is Kind.SLOW and self.is_bad(second)
        return Status.DEGRADED if slow else Status.OPERATIONAL

    @property
    def red_within(self) -> int:
        """`down_after` intervals and 2 s; where the first failure counts alone, a hanging target adds its timeout."""
        waits = self.timeout if self.kind is Kind.HANGING and self.down_after == 1 else 0
        return self.down_after * self.interval + 2 + waits

    @property
    def unknown_within(self) -> int:
        return (3 * self.interval if self.kind is Kind.DEAD else self.interval + self.timeout) + 2

    @property
    def green_within(self) -> int:
        return self.up_after * self.interval + 2 + (self.timeout if self.kind is Kind.HANGING else 0)


@dataclass
class Watched:
    """A probe as the site holds it, and the look that is under way."""

    standing: Standing = field(default_factory=Standing)
    last_result_at: datetime | None = None
    heard_since: datetime | None = None
    slot: int | None = None
    done: tuple[int, datetime, bool, bool] | None = None


@dataclass(frozen=True)
class Told:
    """From which second on the page says what, dated since when."""

    second: int
    status: Status
    since: datetime | None


def stories(seed: int, count: int) -> Iterator[Story]:
    """So many outages, the same for the same seed; all kinds in turn."""
    dice = random.Random(seed)  # noqa: S311  # a replay must be repeatable
    kinds = list(Kind)
    for number in range(count):
        kind = kinds[number % len(kinds)]
        interval = dice.choice((10, 20, 30, 60))
        begin = 2 * interval + dice.randrange(interval * 3)
        probes = {Kind.PARTIAL: 2, Kind.CUT: 3}.get(kind, dice.choice((1, 2)))
        down_after = dice.choice((2, 3) if kind is Kind.CUT else (1, 2, 3))
        least = 4 if kind is Kind.DEAD else down_after + 1
        lasting = interval * least + dice.randrange(20, 400)
        day = DAYS[number % len(DAYS)]
        yield Story(
            kind=kind,
            start=day + timedelta(hours=1, seconds=-begin - dice.randrange(lasting)),
            begin=begin,
            end=begin + lasting,
            interval=interval,
            timeout=min(10, interval // 2),
            down_after=down_after,
            up_after=dice.choice((1, 2, 3)),
            probes=probes,
            shifts=tuple(dice.randrange(interval) for _ in range(probes)),
            beat=dice.choice((2, 7, interval, 3 * interval)),
        )


class Site:
    """The page by our pure rules: what results make of the standings, and these of the component."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.watched = [Watched() for _ in range(story.probes)]
        self.impaired_from: datetime | None = None
        self.seen: list[tuple[datetime, bool]] = []

    def store(self, probe: int, at: datetime, *, ok: bool, degraded: bool) -> None:
        one, story = self.watched[probe], self.story
        unheard = self.is_unheard(one, at)
        before = after_silence(one.standing) if unheard else one.standing
        if unheard or one.last_result_at is None:
            one.heard_since = at
        one.standing = after_result(
            before, ok=ok, degraded=degraded, at=at, down_after=story.down_after, up_after=story.up_after
        )
        one.last_result_at = at
        self.seen.append((at, ok))

    def in_doubt(self, probe: int) -> bool:
        return self.watched[probe].standing.is_in_doubt

    def impair(self, at: datetime | None) -> None:
        """Our own network is cut; what was cut stays known as such when it works again."""
        self.impaired_from = at or self.impaired_from

    def is_unheard(self, one: Watched, now: datetime) -> bool:
        return is_unheard(one.last_result_at, self.story.start, self.story.interval, now, self.impaired_from)

    def says(self, now: datetime) -> tuple[Status, datetime | None]:
        said = []
        for number, one in enumerate(self.watched):
            if self.is_unheard(one, now):
                said.append((str(number), Status.UNKNOWN, one.last_result_at))
            else:
                known = [at for at in (one.standing.since, one.heard_since) if at is not None]
                said.append((str(number), FROM_VERDICT[one.standing.verdict], max(known, default=None)))
        claim = of_probes(said)
        assert claim is not None
        return claim.status, claim.since


class Worker:
    """The prober in simulated time: looks when a slot is due, waits for hanging targets, asks its references."""

    def __init__(self, story: Story, site: Site) -> None:
        self.story, self.site = story, site
        self.tally = Tally()
        self.looks: list[Watched] = [Watched() for _ in range(story.probes)]
        self.is_cut = False

    def step(self, second: int) -> None:
        now = self.story.start + timedelta(seconds=second)
        if self.story.kind is Kind.DEAD and self.story.is_bad(second):
            for one in self.looks:
                one.done = one.slot = None
            return
        if self.is_cut and not self._cut(second):
            self.is_cut = False
            for one in self.looks:
                one.slot = None
        for number, one in enumerate(self.looks):
            due = slot(now, self.story.interval, self.story.shifts[number], in_doubt=self.site.in_doubt(number))
            if one.done is None and (one.slot is None or due > one.slot):
                one.slot = due
                one.done = self._begin(number, second, now)
            if one.done is not None and one.done[0] <= second:
                self._finish(number, second)

    def _begin(self, probe: int, second: int, now: datetime) -> tuple[int, datetime, bool, bool]:
        cut, fails = self._cut(second), self.story.fails(probe, second)
        waits = self.story.timeout if cut or (fails and self.story.kind is Kind.HANGING) else 0
        slow = self.story.kind is Kind.SLOW and self.story.is_bad(second)
        return second + waits, now, not cut and not fails, slow

    def _finish(self, probe: int, second: int) -> None:
        done = self.looks[probe].done
        assert done is not None
        self.looks[probe].done = None
        _, at, ok, slow = done
        self.tally.note(at, ok=ok)
        if not ok and (self.is_cut or self.tally.most_failed(at)):
            was_cut = self.is_cut
            if self._cut(second):
                self.is_cut = True
                if not was_cut:
                    self.site.impair(at)
                return
            if was_cut:
                return
        self.site.store(probe, at, ok=ok, degraded=slow)

    def _cut(self, second: int) -> bool:
        return self.story.kind is Kind.CUT and self.story.is_bad(second)


def replayed(story: Story, site: Site | None = None, each: Callable[[int], None] = lambda second: None) -> list[Told]:
    """What the page said, from which second on."""
    site = site or Site(story)
    worker = Worker(story, site)
    told: list[Told] = []
    for second in range(story.length):
        worker.step(second)
        status, since = site.says(story.start + timedelta(seconds=second))
        if not told or (told[-1].status, told[-1].since) != (status, since):
            told.append(Told(second + SHOWN_AFTER, status, since))
            each(second)
    return told


def on_page(told: Sequence[Told], second: int) -> Status:
    found = [one.status for one in told if one.second <= second]
    return found[-1] if found else Status.UNKNOWN
