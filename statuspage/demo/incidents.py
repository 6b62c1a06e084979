"""Writes the scenario's incidents: the fire with its pinned summary and updates, and the small ones beside it."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.demo.places import Places, named
from statuspage.demo.story import Row, long, read, short, stable_id, until
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage
from statuspage.panels.rules import Status
from statuspage.texts.actions import keep
from statuspage.texts.rules import texts

AUTHOR = "staff:demo"


def every() -> Iterator[tuple[str, Row, list[Row]]]:
    """Public id, incident, updates; the oldest incident first."""
    story = read("incident")
    small = [(row["slug"], row, row["updates"]) for row in story["incidents"]]
    fire = (story["incident"]["key"], story["incident"], story["updates"])
    yield from sorted([*small, fire], key=lambda one: one[1]["started_at"])


def write(session: Session, places: Places, now: datetime) -> None:
    """All incidents as they stood at `now`."""
    for public_id, row, updates in every():
        known = until(updates, now)
        if known:
            _incident(session, places, public_id, row, known, now)
    session.flush()


def _incident(session: Session, places: Places, public_id: str, row: Row, updates: list[Row], now: datetime) -> None:
    last = updates[-1]
    over = row["resolved_at"] <= now
    incident = Incident(
        public_id=public_id,
        title=texts(row["title"]),
        impact=Impact(row["impact"]),
        status=Stage(last["status"]),
        started_at=row["started_at"],
        resolved_at=row["resolved_at"] if over else None,
        published_at=updates[0]["at"],
        next_update_by=last.get("next_update_by"),
    )
    if public_id == read("incident")["incident"]["key"]:
        for summary in until(read("incident")["summaries"], now):
            incident.summary, incident.summary_at = long(summary["text"]), summary["at"]
    session.add(incident)
    for number, update in enumerate(updates, 1):
        incident.updates.append(_update(session, places, public_id, number, update, now))


def _update(session: Session, places: Places, public_id: str, number: int, row: Row, now: datetime) -> IncidentUpdate:
    corrected = "corrected_at" in row and row["corrected_at"] <= now
    first = long(row["earlier"] if "earlier" in row else row["body"])
    update = IncidentUpdate(
        uuid=stable_id("update", public_id, number),
        sequence=number,
        status=Stage(row["status"]),
        body=first.revised(row["body"]) if corrected else first,
        published_at=row["at"],
        corrected_at=row["corrected_at"] if corrected else None,
    )
    if corrected:
        keep(session, "incident_update", str(update.uuid), "body", first, at=row["corrected_at"], by=AUTHOR)
    for said in row.get("affected", ()):
        for component in named(places, said["panel"], said["functions"]):
            status, note = Status(said["status"]), short(said.get("note"))
            update.affected.append(Affected(component=component, status=status, note=note))
    return update
