"""The large site that all figures are of: 40 panels x 12 functions, 90 days, 500 incidents of which 10 are open."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import insert
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.app import create_app
from statuspage.commands.database import bring_up
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage
from statuspage.panels.models import Component, Function, Panel
from statuspage.panels.rules import Status
from statuspage.settings import load
from statuspage.texts.rules import Prose, Texts, prose, texts
from statuspage.uptime.models import DayUptime
from statuspage.web.site import Site

PANELS, FUNCTIONS, DAYS, INCIDENTS, OPEN, UPDATES = 40, 12, 90, 500, 10, 5
DAY_SECONDS = 86_400


def both(pl: str, en: str) -> Texts:
    return texts({"pl": pl, "en": en})


def told(pl: str, en: str) -> Prose:
    return prose({"pl": pl, "en": en})


@contextmanager
def large_site(folder: Path, incidents: int = INCIDENTS, database_url: str = "") -> Iterator[Site]:
    """The site in `folder`, with its schema and its rows; not yet published."""
    settings = load(instance_dir=folder, database_url=database_url, secret_key="benchmark" * 4)
    app = create_app(settings)
    with app.app_context():
        bring_up(app)
        with db.transaction() as session:
            fill(session, incidents, clock.now())
        yield app.extensions["statuspage"]
        db.db.engine.dispose()


def fill(session: Session, incidents: int, now: datetime) -> None:
    """All rows of the large site, seen from `now`."""
    panels = [
        Panel(slug=f"panel-{number}", name=both(f"Panel {number}", f"Panel {number}"), position=number)
        for number in range(PANELS)
    ]
    functions = [
        Function(slug=f"function-{n}", name=both(f"Funkcja {n}", f"Function {n}"), key=n == 0, position=n)
        for n in range(FUNCTIONS)
    ]
    session.add_all([*panels, *functions])
    session.flush()
    components = [Component(panel_id=panel.id, function_id=one.id) for panel in panels for one in functions]
    session.add_all(components)
    session.flush()
    days(session, components, now)
    for number in range(incidents):
        session.add(incident(number, components, now, is_open=number < OPEN))
    session.flush()


def days(session: Session, components: list[Component], now: datetime) -> None:
    rows = []
    for place, component in enumerate(components):
        for back in range(DAYS):
            broken = 3_600 if (place // FUNCTIONS * 7 + back) % 30 == 0 else 0
            day = (now - timedelta(days=back)).date()
            rows.append(
                {"component_id": component.id, "day": day, "operational": DAY_SECONDS - broken, "major": broken}
            )
    session.execute(insert(DayUptime), rows)


def incident(number: int, components: list[Component], now: datetime, *, is_open: bool) -> Incident:
    """One incident of five updates that touch four functions."""
    start = now - timedelta(hours=6) if is_open else now - timedelta(days=1 + number)
    touched = [components[(number * 7 + step * 13) % len(components)] for step in range(4)]
    stages = [Stage.INVESTIGATING, Stage.IDENTIFIED, Stage.IDENTIFIED, Stage.MONITORING, Stage.RESOLVED]
    last = Stage.MONITORING if is_open else Stage.RESOLVED
    made = Incident(
        public_id=f"inc{number:05d}",
        title=both(f"Kłopot z panelem numer {number}", f"Trouble with panel number {number}"),
        impact=Impact.MAJOR,
        status=last,
        summary=told("Pracujemy nad naprawą, część funkcji działa wolniej.", "We are on it; some functions are slow."),
        started_at=start,
        published_at=start,
        resolved_at=None if is_open else start + timedelta(hours=5),
    )
    for sequence, stage in enumerate(stages[:4] if is_open else stages, start=1):
        update = IncidentUpdate(
            sequence=sequence,
            status=stage,
            body=told(
                f"To jest wiadomość numer {sequence}. " + "Serwery są obciążone, wysyłka może potrwać dłużej. " * 5,
                f"This is update number {sequence}. " + "The servers are loaded, forwarding may take longer. " * 5,
            ),
            published_at=start + timedelta(hours=sequence),
        )
        for component in touched:
            status = Status.OPERATIONAL if stage is Stage.RESOLVED else Status.PARTIAL
            update.affected.append(Affected(component_id=component.id, status=status))
        made.updates.append(update)
    return made
