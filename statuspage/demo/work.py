"""Writes the scenario's planned work."""

from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.demo.places import Places, named
from statuspage.demo.story import Row, long, read, stable_id, until
from statuspage.maintenance.models import Maintenance, MaintenanceUpdate
from statuspage.maintenance.rules import Phase
from statuspage.texts.rules import texts


def write(session: Session, places: Places, now: datetime) -> None:
    """The work announced by `now`, with what was said of it by then."""
    for row in until(read("maintenance")["maintenance"], now, "announced_at"):
        session.add(_maintenance(places, row, now))
    session.flush()


def _maintenance(places: Places, row: Row, now: datetime) -> Maintenance:
    components = [one for part in row["components"] for one in named(places, part["panel"], part["functions"])]
    planned = Maintenance(
        public_id=row["slug"],
        title=texts(row["title"]),
        body=long(row["body"]),
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        announced_at=row["announced_at"],
        changed_at=row["announced_at"],
        components=components,
    )
    for number, said in enumerate(until(row["updates"], now), 1):
        update = MaintenanceUpdate(
            uuid=stable_id("maintenance", row["slug"], number),
            sequence=number,
            phase=Phase(said["status"]),
            body=long(said["body"]),
            published_at=said["at"],
        )
        planned.updates.append(update)
    return planned
