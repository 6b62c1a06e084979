"""The told part of the snapshot: incidents, planned work, articles."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased, selectinload

from statuspage.faq.models import Article
from statuspage.faq.rules import Bound, is_valid
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.queries import phase_now
from statuspage.panels.rules import Status
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import (
    ArticleView,
    Change,
    IncidentView,
    MaintenanceUpdateView,
    MaintenanceView,
    UpdateView,
)
from statuspage.texts.models import TextRevision
from statuspage.texts.rules import Texts

# So many incidents are read at a time, so that the first publication of many needs little memory.
AT_ONCE = 100


class Memory:
    """What was composed before: what did not change since is neither read nor looked at again.

    `known` are incidents that are over, with what tells that somebody touched them.
    """

    def __init__(self) -> None:
        self.known: dict[int, tuple[Any, IncidentView]] = {}
        self.last: Snapshot | None = None

    def recall(self, snapshot: Snapshot) -> Snapshot:
        """The same, made of what it shares with the last one."""
        self.last = snapshot.keeping(self.last) if self.last else snapshot
        return self.last


def incidents(session: Session, memory: Memory) -> tuple[IncidentView, ...]:
    """All published incidents with their published updates, newest incident first."""
    stamps = _stamps(session)
    known = {key: view for key, (stamp, view) in memory.known.items() if stamps.get(key) == stamp}
    missing = [key for key in stamps if key not in known]
    found = {**known, **_composed(session, missing)}
    memory.known = {key: (stamps[key], view) for key, view in found.items() if not view.is_open}
    return tuple(found[key] for key in stamps)


def _stamps(session: Session) -> dict[int, Any]:
    """What changes of each published incident when it, an update or what an update touches is edited or removed."""
    earlier = aliased(Incident)
    told = select(
        IncidentUpdate.incident_id,
        func.count(IncidentUpdate.id).label("updates"),
        func.sum(IncidentUpdate.version).label("versions"),
    ).group_by(IncidentUpdate.incident_id)
    touched = select(IncidentUpdate.incident_id, func.count(Affected.id).label("affected"))
    touched = touched.join(Affected, Affected.update_id == IncidentUpdate.id).group_by(IncidentUpdate.incident_id)
    updates, parts = told.subquery(), touched.subquery()
    found = (
        select(Incident.id, Incident.version, updates.c.updates, updates.c.versions, parts.c.affected)
        .add_columns(earlier.published_at)
        .outerjoin(updates, updates.c.incident_id == Incident.id)
        .outerjoin(parts, parts.c.incident_id == Incident.id)
        .outerjoin(earlier, earlier.id == Incident.relapse_of_id)
        .where(Incident.published_at.is_not(None))
        .order_by(Incident.started_at.desc(), Incident.id.desc())
    )
    return {key: tuple(rest) for key, *rest in session.execute(found)}


def _composed(session: Session, ids: Sequence[int]) -> dict[int, IncidentView]:
    options = selectinload(Incident.updates).selectinload(IncidentUpdate.affected).joinedload(Affected.component)
    found: dict[int, IncidentView] = {}
    for some in batched(ids, AT_ONCE):
        chosen = select(Incident).where(Incident.id.in_(some)).options(options, selectinload(Incident.relapse_of))
        rows = session.scalars(chosen).all()
        earlier = _earlier_texts(session, [str(update.uuid) for row in rows for update in row.updates])
        found |= {row.id: _incident(row, earlier) for row in rows}
        session.expunge_all()
    return found


def incident(session: Session, key: int) -> IncidentView:
    """One incident that is published, with its published updates."""
    return _composed(session, [key])[key]


def batched(ids: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _earlier_texts(session: Session, updates: Sequence[str]) -> dict[str, list[Texts]]:
    texts: dict[str, list[Texts]] = {}
    found = select(TextRevision).where(TextRevision.kind == "incident_update", TextRevision.field == "body")
    for revision in session.scalars(found.where(TextRevision.subject.in_(updates)).order_by(TextRevision.id)):
        texts.setdefault(revision.subject, []).append(revision.body)
    return texts


def _incident(incident: Incident, earlier: dict[str, list[Texts]]) -> IncidentView:
    assert incident.published_at is not None
    return IncidentView(
        public_id=incident.public_id,
        title=incident.title,
        impact=incident.impact,
        status=incident.status,
        summary=incident.summary,
        summary_at=incident.summary_at,
        started_at=incident.started_at,
        resolved_at=incident.resolved_at,
        published_at=incident.published_at,
        next_update_by=incident.next_update_by,
        relapse_of=_published_id(incident.relapse_of),
        updates=tuple(_updates(incident, earlier)),
    )


def _published_id(incident: Incident | None) -> str | None:
    return incident.public_id if incident is not None and incident.published_at else None


def _updates(incident: Incident, earlier: dict[str, list[Texts]]) -> Iterator[UpdateView]:
    said: dict[int, Status] = {}
    for update in incident.updates:
        if update.published_at is None:
            continue
        changes = tuple(_change(affected, said) for affected in update.affected)
        yield UpdateView(
            uuid=update.uuid,
            sequence=update.sequence,
            status=update.status,
            body=update.body,
            published_at=update.published_at,
            corrected_at=update.corrected_at,
            earlier=tuple(earlier.get(str(update.uuid), ())),
            changes=changes,
        )


def _change(affected: Affected, said: dict[int, Status]) -> Change:
    component = affected.component
    before = said.get(component.id)
    said[component.id] = affected.status
    return Change(component.panel.slug, component.function.slug, affected.status, before, affected.note)


def maintenance(session: Session, now: datetime) -> tuple[MaintenanceView, ...]:
    """All announced work, past and to come, cancelled work too; the latest first."""
    found = select(Maintenance).where(Maintenance.announced_at <= now)
    options = selectinload(Maintenance.components), selectinload(Maintenance.updates)
    rows = session.scalars(found.options(*options).order_by(Maintenance.starts_at.desc()))
    return tuple(_maintenance(one, now) for one in rows)


def _maintenance(planned: Maintenance, now: datetime) -> MaintenanceView:
    return MaintenanceView(
        public_id=planned.public_id,
        title=planned.title,
        body=planned.body,
        phase=phase_now(planned, now),
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        announced_at=planned.announced_at,
        changed_at=planned.changed_at,
        components=tuple(component.public_id for component in planned.components),
        updates=tuple(
            MaintenanceUpdateView(one.uuid, one.phase, one.body, one.published_at) for one in planned.updates
        ),
        cancelled_at=planned.cancelled_at,
    )


def articles(session: Session, now: datetime) -> tuple[ArticleView, ...]:
    """The published articles that hold at `now`, in their order."""
    found = select(Article).where(Article.published_at <= now).options(selectinload(Article.bindings))
    rows = session.scalars(found.order_by(Article.position, Article.id))
    return tuple(_article(one) for one in rows if is_valid(one.valid_from, one.valid_until, now))


def _article(article: Article) -> ArticleView:
    def bound(kind: Bound) -> tuple[str, ...]:
        return tuple(one.subject for one in article.bindings if one.kind is kind)

    assert article.published_at is not None
    return ArticleView(
        uuid=article.uuid,
        slug=article.slug,
        kind=article.kind,
        category=article.category,
        title=article.title,
        body=article.body,
        position=article.position,
        related=tuple(article.related),
        panels=bound(Bound.PANEL),
        functions=bound(Bound.FUNCTION),
        incidents=bound(Bound.INCIDENT),
        published_at=article.published_at,
        changed_at=article.changed_at,
    )


def next_article_change(session: Session, now: datetime) -> Iterator[datetime]:
    """When the next article appears or expires."""
    for column in (Article.published_at, Article.valid_from, Article.valid_until):
        at = session.scalar(select(column).where(column > now).order_by(column).limit(1))
        if at is not None:
            yield at
