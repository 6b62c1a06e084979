"""Gathers what each source says of each component."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.queries import under_way
from statuspage.maintenance.rules import Phase
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import OutageHit, Probe
from statuspage.probing.rules import Verdict, is_silent
from statuspage.status.models import Span
from statuspage.status.rules import Claim, Source, Stretch, effective
from statuspage.texts.rules import Texts

Claims = Mapping[int, list[Claim]]
FROM_VERDICT = {
    Verdict.UP: Status.OPERATIONAL,
    Verdict.DEGRADED: Status.DEGRADED,
    Verdict.DOWN: Status.MAJOR,
    Verdict.UNKNOWN: Status.UNKNOWN,
}


def effective_now(session: Session, now: datetime) -> dict[int, Claim]:
    """The effective claim of every component, by its id."""
    claims = claims_now(session, now)
    components = session.scalars(select(Component.id))
    return {component: effective(claims.get(component, [])) for component in components}


def claims_now(session: Session, now: datetime) -> Claims:
    """All that is said of each component at `now`."""
    claims: defaultdict[int, list[Claim]] = defaultdict(list)
    for component in session.scalars(select(Component).where(Component.override.is_not(None))):
        assert component.override is not None
        claims[component.id].append(Claim(Source.OVERRIDE, component.override, component.override_at))
    _incidents(session, claims)
    _maintenance(session, claims, now)
    _probes(session, claims, now)
    return claims


def latest_affected(session: Session, *, open_only: bool = True) -> list[Affected]:
    """What each open incident says last of each component, oldest update first."""
    found = select(Affected).join(Affected.update).join(IncidentUpdate.incident)
    found = found.where(IncidentUpdate.published_at.is_not(None), Incident.published_at.is_not(None))
    if open_only:
        found = found.where(Incident.resolved_at.is_(None))
    latest: dict[tuple[int, int], Affected] = {}
    options = selectinload(Affected.update).selectinload(IncidentUpdate.incident)
    for affected in session.scalars(found.options(options).order_by(IncidentUpdate.sequence)):
        latest[affected.update.incident_id, affected.component_id] = affected
    return list(latest.values())


def public_notes(session: Session) -> dict[int, Texts]:
    """The note shown with a component: the newest of open incidents, else its own."""
    notes = {one.id: one.note for one in session.scalars(select(Component)) if one.note}
    said = sorted(latest_affected(session), key=lambda affected: _published(affected).timestamp())
    notes.update({affected.component_id: affected.note for affected in said if affected.note})
    return notes


def _published(affected: Affected) -> datetime:
    at = affected.update.published_at
    assert at is not None
    return at


def _incidents(session: Session, claims: defaultdict[int, list[Claim]]) -> None:
    for affected in latest_affected(session):
        incident = affected.update.incident
        if affected.status is not Status.OPERATIONAL:
            claim = Claim(Source.INCIDENT, affected.status, _published(affected), incident.public_id)
            claims[affected.component_id].append(claim)


def _maintenance(session: Session, claims: defaultdict[int, list[Claim]], now: datetime) -> None:
    for planned in under_way(session, now):
        claim = Claim(Source.MAINTENANCE, Status.UNDER_MAINTENANCE, planned.starts_at, planned.public_id)
        for component in planned.components:
            claims[component.id].append(claim)


def _probes(session: Session, claims: defaultdict[int, list[Claim]], now: datetime) -> None:
    for probe in session.scalars(select(Probe).where(Probe.enabled)):
        silent = is_silent(probe.last_result_at, probe.created_at, probe.interval, now)
        status = Status.UNKNOWN if silent else FROM_VERDICT[probe.verdict]
        since = probe.last_result_at if silent else probe.verdict_since
        claims[probe.component_id].append(Claim(Source.PROBE, status, since, probe.name))


def stretches(session: Session, component: int, since: datetime, now: datetime) -> list[Stretch]:
    """All that was said of one component between `since` and `now`, as far as it is on record."""
    found = [*_told(session, component), *_failed(session, component), *_planned(session, component)]
    kept = select(Span).where(Span.component_id == component, Span.source.in_((Source.OVERRIDE, Source.PROBE)))
    for span in session.scalars(kept):
        claim = Claim(span.source, span.status, span.started_at, span.reference)
        found.append(Stretch(claim, span.started_at, span.ended_at))
    return [one for one in found if one.start < now and (one.end is None or one.end > max(since, one.start))]


def _told(session: Session, component: int) -> Iterator[Stretch]:
    """What incidents said: each update until the next about this component, the last until the incident ended."""
    found = select(Affected).join(Affected.update).join(IncidentUpdate.incident)
    found = found.where(Affected.component_id == component, IncidentUpdate.published_at.is_not(None))
    found = found.where(Incident.published_at.is_not(None)).options(selectinload(Affected.update))
    by_incident: defaultdict[int, list[Affected]] = defaultdict(list)
    for one in session.scalars(found.order_by(IncidentUpdate.published_at, IncidentUpdate.sequence)):
        by_incident[one.update.incident_id].append(one)
    for said in by_incident.values():
        incident = said[0].update.incident
        ends = [*(_published(later) for later in said[1:]), incident.resolved_at]
        for one, end in zip(said, ends, strict=True):
            if one.status is not Status.OPERATIONAL:
                claim = Claim(Source.INCIDENT, one.status, _published(one), incident.public_id)
                yield Stretch(claim, _published(one), end)


def _failed(session: Session, component: int) -> Iterator[Stretch]:
    hits = select(OutageHit, Probe.name).join(OutageHit.probe).where(Probe.component_id == component)
    for hit, name in session.execute(hits):
        yield Stretch(Claim(Source.PROBE, Status.MAJOR, hit.started_at, name), hit.started_at, hit.ended_at)


def _planned(session: Session, component: int) -> Iterator[Stretch]:
    found = select(Maintenance).where(Maintenance.components.any(Component.id == component))
    for planned in session.scalars(found.options(selectinload(Maintenance.updates))):
        ends = [planned.ends_at, *(one.published_at for one in planned.updates if one.phase is Phase.COMPLETED)]
        end = min(ends if planned.cancelled_at is None else [*ends, planned.cancelled_at])
        claim = Claim(Source.MAINTENANCE, Status.UNDER_MAINTENANCE, planned.starts_at, planned.public_id)
        yield Stretch(claim, planned.starts_at, end)
