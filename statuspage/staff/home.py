"""The desk's first page: what the public sees, what needs somebody now, and when it was published last."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import Flask, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.accounts.rules import Role
from statuspage.db import reading
from statuspage.incidents.models import Incident
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.store import Version
from statuspage.publishing.views import Ledger
from statuspage.staff import desk
from statuspage.web import policy
from statuspage.web.site import site


@dataclass(frozen=True)
class Waiting:
    """What waits for somebody; the promises and estimates as they are published."""

    drafts: Sequence[Incident]
    late: Sequence[object]
    overdue: Sequence[Ledger]

    @property
    def nothing(self) -> bool:
        return not (self.drafts or self.late or self.overdue)


def register(app: Flask) -> None:
    app.add_url_rule("/staff/", "staff.home", home)


@policy.needs("staff", Role.VIEWER)
def home() -> Response:
    with reading() as session:
        waiting = _waiting(session, site().store.snapshot(), clock.now())
    return desk.page("staff/home.html", waiting=waiting, published_at=published_at(site().store.current))


def _waiting(session: Session, snapshot: Snapshot | None, now: datetime) -> Waiting:
    found = select(Incident).where(Incident.published_at.is_(None)).order_by(Incident.id.desc()).limit(20)
    drafts = session.scalars(found).all()
    if snapshot is None:
        return Waiting(drafts, (), ())
    late = [one for one in snapshot.open_incidents if one.promise_passed(now)]
    overdue = [one for one in snapshot.ledgers if one.current and one.current.is_overdue(now)]
    return Waiting(drafts, late, overdue)


def published_at(version: Version) -> datetime | None:
    """As of when the published pages are."""
    return datetime.fromisoformat(version.as_of) if version.as_of else None
