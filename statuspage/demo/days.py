"""Writes 90 days of spans, from what the incidents, the planned work and the probes said, and uptime from them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.demo.places import Places
from statuspage.demo.story import ZONE, midnight, read
from statuspage.incidents.models import Incident
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.rules import Phase
from statuspage.panels.rules import Status
from statuspage.status.models import Span
from statuspage.status.queries import effective_now
from statuspage.status.rules import Claim, Source, effective
from statuspage.uptime.actions import count_since
from statuspage.uptime.rules import DAYS


@dataclass(frozen=True)
class Said:
    """A claim and the time for which it stood."""

    claim: Claim
    start: datetime
    end: datetime


Timeline = Mapping[int, Sequence[Said]]


def write(session: Session, places: Places, today: date, now: datetime) -> None:
    """The spans of every component since the first of the 90 days, and its day rows."""
    timeline = _timeline(session, places, now)
    present = effective_now(session, now)
    first = midnight(today - timedelta(days=DAYS - 1))
    opened = {row["slug"]: row["opened_at"] for row in read("panels")["panels"] if "opened_at" in row}
    for component in places.values():
        start = opened.get(component.panel.slug, first)
        spans = list(_spans(component.id, timeline.get(component.id, ()), start, now))
        _agree(spans[-1], present[component.id])
        session.add_all(spans)
    session.flush()
    count_since(session, first.date(), now, ZONE)


def _timeline(session: Session, places: Places, now: datetime) -> Timeline:
    """All that was said of each component (by id), with from when until when."""
    said: defaultdict[int, list[Said]] = defaultdict(list)
    for incident in session.scalars(select(Incident)):
        for component_id, one in _by_incident(incident, now):
            said[component_id].append(one)
    for planned in session.scalars(select(Maintenance)):
        done = [update.published_at for update in planned.updates if update.phase is Phase.COMPLETED]
        claim = Claim(Source.MAINTENANCE, Status.UNDER_MAINTENANCE, planned.starts_at, planned.public_id)
        for component in planned.components:
            said[component.id].append(Said(claim, planned.starts_at, min([planned.ends_at, *done])))
    for blip in read("simulation")["blips"]:
        seen = places.get(f"{blip['panel']}.{blip['function']}")
        if seen is not None:
            claim = Claim(Source.PROBE, Status(blip["status"]), blip["from"], blip["function"])
            said[seen.id].append(Said(claim, blip["from"], blip["until"]))
    return said


def _by_incident(incident: Incident, now: datetime) -> Iterator[tuple[int, Said]]:
    """What an incident said of each component: from its start for the first update, later from when it was said."""
    words: defaultdict[int, list[tuple[datetime, Status]]] = defaultdict(list)
    for number, update in enumerate(incident.updates):
        assert update.published_at is not None
        since = incident.started_at if number == 0 else update.published_at
        for affected in update.affected:
            words[affected.component.id].append((since, affected.status))
    end = incident.resolved_at or now
    for component, told in words.items():
        for (since, status), (until, _) in pairwise([*told, (end, Status.OPERATIONAL)]):
            if status is not Status.OPERATIONAL:
                yield component, Said(Claim(Source.INCIDENT, status, since, incident.public_id), since, until)


def _spans(component: int, said: Sequence[Said], start: datetime, now: datetime) -> Iterator[Span]:
    """The stretches between `start` and `now` in which one effective claim stood; the last is open."""
    inside = {moment for one in said for moment in (one.start, one.end) if start < moment < now}
    claim: Claim | None = None
    began = start
    for moment in [start, *sorted(inside)]:
        standing = effective([one.claim for one in said if one.start <= moment < one.end])
        if claim is not None and standing.status is claim.status and standing.source is claim.source:
            continue
        if claim is not None:
            yield _span(component, claim, began, moment)
        claim, began = standing, moment
    assert claim is not None
    yield _span(component, claim, began, None)


def _span(component: int, claim: Claim, start: datetime, end: datetime | None) -> Span:
    return Span(
        component_id=component,
        status=claim.status,
        source=claim.source,
        reference=claim.reference,
        started_at=start,
        ended_at=end,
    )


def _agree(last: Span, present: Claim) -> None:
    """The open span bears the source that speaks now (a probe, say), so that nothing seems to change at the start."""
    if last.status is present.status:
        last.source, last.reference = present.source, present.reference
