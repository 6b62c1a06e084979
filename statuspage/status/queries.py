"""Gathers what each source says of each component."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from statuspage.db import Site
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.queries import under_way
from statuspage.maintenance.rules import Phase
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import OutageHit, Probe
from statuspage.probing.rules import Verdict, is_unheard
from statuspage.status.models import Span
from statuspage.status.rules import Claim, Source, Stretch, effective, failing, of_probes, runs
from statuspage.texts.rules import Texts

Claims = Mapping[int, list[Claim]]
# An incident's public id, its end, and a component.
Told = tuple[str, datetime | None, int]
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
    overridden = select(Component.id, Component.override, Component.override_at)
    for component, status, at in session.execute(overridden.where(Component.override.is_not(None))):
        assert status is not None
        claims[component].append(Claim(Source.OVERRIDE, status, at))
    _incidents(session, claims)
    _maintenance(session, claims, now)
    _probes(session, claims, now)
    return claims


def public_notes(session: Session) -> dict[int, Texts]:
    """The note shown with a component: the newest of open incidents, else its own."""
    own = session.execute(select(Component.id, Component.note).where(Component.note.is_not(None)))
    notes: dict[int, Texts] = {component: note for component, note in own if note}
    notes.update({component: note for _, component, note in sorted(_noted(session), key=itemgetter(0)) if note})
    return notes


def _noted(session: Session) -> Iterable[tuple[float, int, Texts | None]]:
    """What each open incident says last of each component: when, of which, and the note."""
    found = select(IncidentUpdate.incident_id, Affected.component_id, IncidentUpdate.published_at, Affected.note)
    found = found.join(Affected.update).join(IncidentUpdate.incident)
    found = found.where(IncidentUpdate.published_at.is_not(None), Incident.published_at.is_not(None))
    found = found.where(Incident.resolved_at.is_(None)).order_by(IncidentUpdate.sequence)
    latest = {
        (incident, component): (at.timestamp() if at else 0.0, component, note)
        for incident, component, at, note in session.execute(found)
    }
    return latest.values()


def _incidents(session: Session, claims: defaultdict[int, list[Claim]]) -> None:
    for (public_id, _, component), said in _told(session, Incident.resolved_at.is_(None)).items():
        status, since = runs(said)[-1]
        if status is not Status.OPERATIONAL:
            claims[component].append(Claim(Source.INCIDENT, status, since, public_id))


def _told(session: Session, which: ColumnElement[bool]) -> Mapping[Told, Sequence[tuple[Status, datetime]]]:
    """What the updates of incidents say of components, and when it was out, in the order of the sequence."""
    # The running maximum goes over all updates of the incident, also those that are not about the component.
    out = func.max(IncidentUpdate.published_at).over(
        partition_by=IncidentUpdate.incident_id, order_by=IncidentUpdate.sequence
    )
    outs = select(IncidentUpdate.id, out.label("at")).where(IncidentUpdate.published_at.is_not(None)).subquery()
    found = select(Incident.public_id, Incident.resolved_at, Affected.component_id, Affected.status, outs.c.at)
    found = found.join(Affected.update).join(IncidentUpdate.incident).join(outs, outs.c.id == IncidentUpdate.id)
    found = found.where(Incident.published_at.is_not(None), which)
    said: defaultdict[Told, list[tuple[Status, datetime]]] = defaultdict(list)
    for public_id, resolved_at, component, status, at in session.execute(found.order_by(IncidentUpdate.sequence)):
        said[public_id, resolved_at, component].append((status, at))
    return said


def _maintenance(session: Session, claims: defaultdict[int, list[Claim]], now: datetime) -> None:
    for planned in under_way(session, now):
        claim = Claim(Source.MAINTENANCE, Status.UNDER_MAINTENANCE, planned.starts_at, planned.public_id)
        for component in planned.components:
            claims[component.id].append(claim)


def _probes(session: Session, claims: defaultdict[int, list[Claim]], now: datetime) -> None:
    impaired_from = session.scalar(select(Site.impaired_from))
    found = session.scalars(select(Probe).where(Probe.enabled).order_by(Probe.component_id, Probe.id)).all()
    for component, group in groupby(found, key=lambda probe: probe.component_id):
        claim = of_probes([(one.name, *_seen(one, impaired_from, now)) for one in group])
        assert claim is not None
        claims[component].append(claim)
    for gateway in found:
        status, since = _seen(gateway, impaired_from, now)
        planned = any(claim.source is Source.MAINTENANCE for claim in claims[gateway.component_id])
        if gateway.gateway and status is Status.MAJOR and not planned:
            for component in session.scalars(
                select(Component.id).where(Component.panel_id == gateway.component.panel_id)
            ):
                claims[component].append(Claim(Source.PROBE, status, since, gateway.name))


def _seen(probe: Probe, impaired_from: datetime | None, now: datetime) -> tuple[Status, datetime | None]:
    """What a probe says, and since when it is known: nothing that was seen before a silence."""
    if is_unheard(probe.last_result_at, probe.created_at, probe.interval, now, impaired_from):
        return Status.UNKNOWN, probe.last_result_at
    known = [at for at in (probe.verdict_since, probe.heard_since) if at is not None]
    return FROM_VERDICT[probe.verdict], max(known, default=None)


def stretches(session: Session, component: int, since: datetime, now: datetime) -> list[Stretch]:
    """All that was said of one component between `since` and `now`, as far as it is on record."""
    found = [*_reported(session, component), *_failed(session, component), *_planned(session, component)]
    kept = select(Span).where(Span.component_id == component, Span.source.in_((Source.OVERRIDE, Source.PROBE)))
    for span in session.scalars(kept):
        claim = Claim(span.source, span.status, span.started_at, span.reference)
        found.append(Stretch(claim, span.started_at, span.ended_at))
    return [one for one in found if one.start < now and (one.end is None or one.end > max(since, one.start))]


def _reported(session: Session, component: int) -> Iterator[Stretch]:
    """What incidents said: each status until the next of this component, the last until the incident ended."""
    for (public_id, resolved_at, _), said in _told(session, Affected.component_id == component).items():
        told = runs(said)
        ends = [*(later for _, later in told[1:]), resolved_at]
        for (status, since), end in zip(told, ends, strict=True):
            if status is not Status.OPERATIONAL:
                yield Stretch(Claim(Source.INCIDENT, status, since, public_id), since, end)


def _failed(session: Session, component: int) -> Iterator[Stretch]:
    """What probes of the component saw, and the gateways of its panel."""
    hits = select(OutageHit.started_at, OutageHit.ended_at, Probe.name, Probe.id).join(OutageHit.probe)
    own = session.execute(hits.where(Probe.component_id == component)).all()
    probes = session.scalar(select(func.count(Probe.id)).where(Probe.component_id == component, Probe.enabled)) or 0
    down = [Stretch(Claim(Source.PROBE, Status.MAJOR, hit[0], hit[2]), hit[0], hit[1]) for hit in own]
    yield from failing(down, max(probes, 1))
    panel = select(Component.panel_id).where(Component.id == component).scalar_subquery()
    gateways = hits.join(Probe.component).where(Probe.gateway, Component.panel_id == panel)
    for hit in session.execute(gateways):
        yield Stretch(Claim(Source.PROBE, Status.MAJOR, hit[0], hit[2]), hit[0], hit[1])


def _planned(session: Session, component: int) -> Iterator[Stretch]:
    found = select(Maintenance).where(Maintenance.components.any(Component.id == component))
    for planned in session.scalars(found.options(selectinload(Maintenance.updates))):
        ends = [planned.ends_at, *(one.published_at for one in planned.updates if one.phase is Phase.COMPLETED)]
        end = min(ends if planned.cancelled_at is None else [*ends, planned.cancelled_at])
        claim = Claim(Source.MAINTENANCE, Status.UNDER_MAINTENANCE, planned.starts_at, planned.public_id)
        yield Stretch(claim, planned.starts_at, end)
