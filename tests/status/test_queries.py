"""Since when an incident speaks of a component, now and in what is written anew."""

from collections.abc import Mapping
from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.db import transaction
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage
from statuspage.panels.rules import Status
from statuspage.status.actions import recompute
from statuspage.status.models import Span
from statuspage.status.queries import effective_now
from tests.scenes import Components, at, both, panels, told

pytestmark = pytest.mark.usefixtures("app")

DOWN, SLOW, FINE = Status.MAJOR, Status.DEGRADED, Status.OPERATIONAL
NOW = at("2021-03-10 12:00")


def hour(clock: str) -> datetime:
    return at(f"2021-03-10 {clock}")


def incident(
    session: Session, components: Components, *said: tuple[str, Mapping[str, Status]], name: str = "x"
) -> None:
    """An incident whose updates stand in this order, whatever their hours."""
    found = Incident(
        public_id=name,
        title=both("Awaria", "Outage"),
        impact=Impact.MAJOR,
        started_at=hour("03:30"),
        published_at=hour(said[0][0]),
    )
    session.add(found)
    for number, (clock, states) in enumerate(said, 1):
        affected = [Affected(component=components[key], status=status) for key, status in states.items()]
        found.updates.append(
            IncidentUpdate(
                sequence=number,
                status=Stage.INVESTIGATING,
                body=told("Sprawdzamy."),
                published_at=hour(clock),
                affected=affected,
            )
        )
    session.flush()


def shown(session: Session, components: Components, key: str = "panel-b.login") -> tuple[Status, datetime | None]:
    claim = effective_now(session, NOW)[components[key].id]
    return claim.status, claim.since


def login(status: Status) -> Mapping[str, Status]:
    return {"panel-b.login": status, "panel-b.api": FINE}


def test_an_update_that_says_the_same_again_does_not_move_since_when() -> None:
    with transaction() as session:
        components = panels(session)
        words = ("04:00", login(DOWN)), ("05:00", {"panel-b.archive": SLOW}), ("06:00", login(DOWN))
        incident(session, components, *words)
        assert shown(session, components) == (DOWN, hour("04:00"))
        assert shown(session, components, "panel-b.archive") == (SLOW, hour("05:00"))
        assert shown(session, components, "panel-b.api") == (FINE, None)


@pytest.mark.parametrize("between", [FINE, SLOW])
def test_another_status_between_begins_anew(between: Status) -> None:
    with transaction() as session:
        components = panels(session)
        words = ("04:00", login(DOWN)), ("05:00", login(between)), ("06:00", login(DOWN)), ("07:00", login(DOWN))
        incident(session, components, *words)
        assert shown(session, components) == (DOWN, hour("06:00"))


def test_another_incident_does_not_break_the_run_and_of_the_same_said_twice_the_older_speaks() -> None:
    with transaction() as session:
        components = panels(session)
        incident(session, components, ("05:00", login(FINE)), ("05:30", login(DOWN)), name="other")
        incident(session, components, ("04:00", login(DOWN)), ("06:00", login(DOWN)))
        assert shown(session, components) == (DOWN, hour("04:00"))


def test_the_sequence_counts_where_a_clock_was_set_back() -> None:
    with transaction() as session:
        components = panels(session)
        incident(session, components, ("08:00", {"panel-b.api": DOWN}), ("04:00", login(DOWN)), ("05:00", login(SLOW)))
        assert shown(session, components) == (SLOW, hour("08:00"))


def test_history_written_anew_follows_the_sequence_too() -> None:
    with transaction() as session:
        components = panels(session)
        incident(session, components, ("08:00", login(DOWN)), ("06:00", login(SLOW)), ("09:00", login(SLOW)))
        mine = components["panel-b.login"].id
        recompute(session, [mine], hour("03:00"), NOW)
        spans = session.scalars(select(Span).where(Span.component_id == mine).order_by(Span.started_at))
        assert [(one.status, one.started_at, one.ended_at) for one in spans] == [
            (FINE, hour("03:00"), hour("08:00")),
            (SLOW, hour("08:00"), None),
        ]
