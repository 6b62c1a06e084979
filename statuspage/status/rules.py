"""Which of the sources of a component's status wins."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import accumulate, groupby, pairwise, zip_longest

from statuspage.panels.rules import Status, worst


class Source(StrEnum):
    """Who says so."""

    OVERRIDE = "override"
    INCIDENT = "incident"
    PROBE = "probe"
    MAINTENANCE = "maintenance"
    NONE = "none"


@dataclass(frozen=True)
class Claim:
    """What one source says of a component: `reference` is an incident's public id, a probe's name …"""

    source: Source
    status: Status
    since: datetime | None = None
    reference: str | None = None


NOBODY = Claim(Source.NONE, Status.OPERATIONAL)


def of_probes(said: Sequence[tuple[str, Status, datetime | None]]) -> Claim | None:
    """What the probes of one component say together, each with its name, status and since when.

    Down when all that know anything say so; where only a part of them fails it is degraded. Else the worst wins.
    """
    if not said:
        return None
    down = [one for one in said if one[1] is Status.MAJOR]
    good = [one for one in said if one[1] in (Status.OPERATIONAL, Status.DEGRADED)]
    if down and good:
        first = min(down, key=_since)
        # Before the last of them fell, or since the first of them returned, a part was good.
        return Claim(Source.PROBE, Status.DEGRADED, max(first, min(good, key=_since), key=_since)[2], first[0])
    top = worst([status for _, status, _ in said])
    speaking = [one for one in said if one[1] is top]
    # Down or good altogether since the last has joined; slow or unknown since the first has.
    chosen = max if top in (Status.MAJOR, Status.OPERATIONAL) else min
    return Claim(Source.PROBE, top, chosen(speaking, key=_since)[2], min(speaking, key=_since)[0])


def _since(said: tuple[str, Status, datetime | None]) -> float:
    return said[2].timestamp() if said[2] else 0.0


def effective(claims: Sequence[Claim]) -> Claim:
    """The claim that is shown: an override if set, else the worst. Maintenance silences probes, never an incident.

    An incident that says `operational` asserts nothing against a red probe, as the worst wins.
    Equal claims: the one in the order incident, probe, maintenance; then the oldest.
    """
    overrides = [claim for claim in claims if claim.source is Source.OVERRIDE]
    if overrides:
        return overrides[0]
    planned = any(claim.source is Source.MAINTENANCE for claim in claims)
    heard = [claim for claim in claims if not (planned and claim.source is Source.PROBE)]
    top = worst([claim.status for claim in heard])
    speaking = [claim for claim in heard if claim.status is top]
    return min(speaking, key=_precedence, default=NOBODY)


def _precedence(claim: Claim) -> tuple[int, float]:
    return list(Source).index(claim.source), claim.since.timestamp() if claim.since else 0.0


def began(before: Claim, claims: Sequence[Claim], after: Claim, now: datetime) -> datetime:
    """When `after` took over from `before` (whose `since` is when it began to be shown).

    A claim that outranks what was shown dates from its own beginning: a probe's outage from its first failure.
    A probe that was bad and is good again dates from the last probe's return. Whatever was hidden until
    now (by an override, maintenance, an incident) begins now, and nothing before what it follows.
    """
    since = None
    if effective([before, after]) is after:
        since = after.since
    elif before.source is Source.PROBE and after.source is Source.PROBE:
        since = max((claim.since for claim in claims if claim.source is Source.PROBE and claim.since), default=None)
    if since is None or before.since is None or not before.since < since <= now:
        return now
    return since


def runs(said: Sequence[tuple[Status, datetime]]) -> list[tuple[Status, datetime]]:
    """Each status that was said, in its order, with since when: to say the same again begins nothing.

    A clock that was set back leaves moments out of order; the running maximum is what readers saw.
    """
    moments = accumulate((at for _, at in said), max)
    heard = zip((status for status, _ in said), moments, strict=True)
    return [next(run) for _, run in groupby(heard, key=lambda one: one[0])]


@dataclass(frozen=True)
class Stretch:
    """A claim with its beginning and its end (None: still so)."""

    claim: Claim
    start: datetime
    end: datetime | None


def failing(down: Sequence[Stretch], probes: int) -> list[Stretch]:
    """When the `probes` of a component had it degraded (a part of them was down) and when down (all were)."""
    cuts = sorted({at for one in down for at in (one.start, one.end) if at is not None})
    found = []
    for begin, until in zip_longest(cuts, cuts[1:]):
        speaking = [one.claim for one in down if one.start <= begin and (one.end is None or one.end > begin)]
        if speaking:
            status = Status.MAJOR if len(speaking) >= probes else Status.DEGRADED
            found.append(Stretch(replace(speaking[0], status=status, since=begin), begin, until))
    return found


def replay(stretches: Sequence[Stretch], start: datetime, end: datetime) -> list[Stretch]:
    """What was shown from `start` to `end`, given all that was said when: without gaps, equal neighbours joined."""
    cuts = {start, *(at for one in stretches for at in (one.start, one.end) if at is not None and start < at < end)}
    shown: list[Stretch] = []
    edges = [*sorted(cuts), end]
    for begin, until in pairwise(edges):
        speaking = [one.claim for one in stretches if one.start <= begin and (one.end is None or one.end > begin)]
        claim = effective(speaking)
        last = shown[-1].claim if shown else None
        if last is not None and (last.status, last.source) == (claim.status, claim.source):
            shown[-1] = replace(shown[-1], end=until)
        else:
            shown.append(Stretch(claim, begin, until))
    return shown


def of_panel(cells: Sequence[tuple[Status, bool]]) -> Status:
    """A panel's status from its components' (status, is the function key).

    Down when a key function is, or all are; limited when one is partial or down; else the worst.
    """
    statuses = [status for status, _ in cells]
    if not statuses:
        return Status.UNKNOWN
    if all(status is Status.MAJOR for status in statuses) or (Status.MAJOR, True) in cells:
        return Status.MAJOR
    return min(worst(statuses), Status.PARTIAL, key=lambda status: status.severity)
