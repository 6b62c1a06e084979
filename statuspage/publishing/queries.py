"""Composes the snapshot in one read transaction."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.db import Site
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Subject
from statuspage.incidents.models import Incident
from statuspage.latency.queries import curves
from statuspage.panels.models import Component, Function, Panel
from statuspage.panels.rules import Status
from statuspage.probing.queries import is_impaired
from statuspage.publishing import stories
from statuspage.publishing.snapshot import NIL, Snapshot, slot
from statuspage.publishing.stories import Memory, articles, incidents, maintenance, next_article_change
from statuspage.publishing.views import Brand, Cell, FunctionView, LatencyView, Ledger, PanelView, PromiseView
from statuspage.recovery.queries.forwarding import forwarding_views
from statuspage.recovery.queries.progress import mark_views, size_views, stage_views
from statuspage.status.queries import effective_now, public_notes
from statuspage.status.rules import of_panel
from statuspage.uptime.queries import bars, panel_days, total_up


def revision(session: Session) -> int:
    """The number of writes so far that readers might see."""
    return session.scalar(select(Site.revision)) or 0


def compose_latest(session: Session, brand: Brand, now: datetime, memory: Memory | None = None) -> Snapshot:
    """What the public may see at `now`, stamped with a moment that every machine finds for itself.

    That is the last of: a full half minute, a write, a change by time alone. So the same revision gives the
    same bytes and ETags everywhere.
    """
    changed = session.scalar(select(Site.changed_at))
    snapshot = compose(session, brand, _moment(changed, now), memory)
    while snapshot.next_change_at is not None and snapshot.next_change_at <= now:
        snapshot = compose(session, brand, snapshot.next_change_at, memory)
    return snapshot


def _moment(changed: datetime | None, now: datetime) -> datetime:
    # A clock set back leaves writes in what is now the future.
    return max(slot(now), changed) if changed and changed <= now else slot(now)


def compose(session: Session, brand: Brand, now: datetime, memory: Memory | None = None) -> Snapshot:
    """All that the public may see at `now`."""
    memory = memory or Memory()
    works = maintenance(session, now)
    snapshot = Snapshot(
        revision=revision(session),
        as_of=now,
        story_offset_seconds=clock.offset().total_seconds(),
        brand=brand,
        functions=tuple(
            FunctionView(one.slug, one.name, one.key)
            for one in session.scalars(select(Function).order_by(Function.position, Function.id))
        ),
        panels=_panels(session, brand, now),
        ledgers=ledgers(session),
        incidents=incidents(session, memory),
        maintenance=tuple(one for one in works if one.cancelled_at is None),
        cancelled=tuple(one for one in works if one.cancelled_at is not None),
        articles=articles(session, now),
        stages=stage_views(session, now),
        sizes=size_views(session),
        marks=mark_views(session),
        forwarding=forwarding_views(session, now),
        monitoring_impaired=is_impaired(session),
        site=session.scalar(select(Site.uuid)) or NIL,
        latency=_latency(session),
    )
    changes = [*_coming_changes(snapshot, brand), *next_article_change(session, now)]
    return memory.recall(snapshot.changing_at(min((at for at in changes if at > now), default=None)))


def telling(session: Session, snapshot: Snapshot, incident: int, now: datetime) -> Snapshot:
    """The same snapshot with one incident, and all promises, as the transaction of `session` sees them."""
    view = stories.incident(session, incident)
    others = (one for one in snapshot.incidents if one.public_id != view.public_id)
    return replace(snapshot, as_of=now, incidents=(view, *others), ledgers=ledgers(session))


def _panels(session: Session, brand: Brand, now: datetime) -> tuple[PanelView, ...]:
    cells = _cells(session, now)
    keys = set(session.scalars(select(Function.slug).where(Function.key)))
    today = now.astimezone(brand.zone).date()
    days = panel_days(session, today)
    views = []
    for panel in session.scalars(select(Panel).order_by(Panel.position, Panel.id)):
        mine = tuple(cells[panel.id])
        status = of_panel([(cell.status, cell.function in keys) for cell in mine])
        views.append(
            PanelView(
                slug=panel.slug,
                name=panel.name,
                description=panel.description,
                login_url=panel.login_url,
                status=status,
                since=_since(mine, status),
                accounts_from=panel.accounts_from,
                accounts_until=panel.accounts_until,
                opens_temporary=panel.opens_temporary,
                cutoff_at=panel.cutoff_at,
                cutoff_margin_minutes=panel.cutoff_margin_minutes,
                gap_from=panel.gap_from,
                gap_until=panel.gap_until,
                gap_closed_at=panel.gap_closed_at,
                cells=mine,
                bars=bars(days.get(panel.id, {}), today),
                uptime=total_up(days.get(panel.id, {})),
            )
        )
    return tuple(views)


def _cells(session: Session, now: datetime) -> dict[int, list[Cell]]:
    claims = effective_now(session, now)
    notes = public_notes(session)
    found = select(Component.id, Component.panel_id, Panel.slug, Function.slug)
    found = found.join(Component.panel).join(Component.function).order_by(Function.position, Function.id)
    cells: defaultdict[int, list[Cell]] = defaultdict(list)
    for component, panel_id, panel, function in session.execute(found):
        claim = claims[component]
        cells[panel_id].append(
            Cell(
                panel=panel,
                function=function,
                status=claim.status,
                since=claim.since,
                source=claim.source,
                reference=claim.reference,
                note=notes.get(component),
            )
        )
    return cells


def _latency(session: Session) -> tuple[LatencyView, ...]:
    """Panels of which an answer was measured."""
    return tuple(LatencyView(panel, curve) for panel, curve in curves(session).items() if curve.half is not None)


def _since(cells: tuple[Cell, ...], status: Status) -> datetime | None:
    """Since when a panel is in trouble: the oldest claim among its troubled functions."""
    if status is Status.OPERATIONAL:
        return None
    return min((cell.since for cell in cells if cell.since and cell.status is not Status.OPERATIONAL), default=None)


def ledgers(session: Session) -> tuple[Ledger, ...]:
    """All promises that the public may see, by what they are about."""
    found: defaultdict[tuple[Subject, str], list[PromiseView]] = defaultdict(list)
    drafts = set(session.scalars(select(Incident.public_id).where(Incident.published_at.is_(None))))
    for one in session.scalars(select(Estimate).order_by(Estimate.id)):
        if one.subject_kind is Subject.INCIDENT and one.subject_id in drafts:
            continue
        view = PromiseView(
            uuid=one.uuid,
            precision=one.precision,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            source=one.source,
            quote=one.quote,
            link=one.link,
            confidence=one.confidence,
            said_at=one.said_at,
            recorded_at=one.recorded_at,
            closing=one.closing,
            closed_at=one.closed_at,
        )
        found[one.subject_kind, one.subject_id].append(view)
    return tuple(Ledger(kind, subject, tuple(promises)) for (kind, subject), promises in found.items())


def _coming_changes(snapshot: Snapshot, brand: Brand) -> Iterator[datetime]:
    """When this snapshot changes by itself: nobody writes anything, yet the page must."""
    for ledger in snapshot.ledgers:
        if ledger.current:
            yield ledger.current.ends_at
    for incident in snapshot.open_incidents:
        if incident.next_update_by:
            yield incident.next_update_by
    for planned in snapshot.maintenance:
        yield from (planned.starts_at, planned.ends_at)
    tomorrow = snapshot.as_of.astimezone(brand.zone).date() + timedelta(days=1)
    yield datetime.combine(tomorrow, time(), brand.zone)
