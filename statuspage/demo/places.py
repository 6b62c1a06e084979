"""Writes the scenario's panels, functions and components."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.demo.story import Row, long, read
from statuspage.panels.models import Component, Function, Panel
from statuspage.texts.rules import texts

Places = Mapping[str, Component]


def write(session: Session, now: datetime) -> Places:
    """The components by public id (`panel-a.login`), of the panels that there were at `now`."""
    story = read("panels")
    functions = [
        Function(slug=row["slug"], position=row["position"], key=row["key"], name=texts(row["name"]))
        for row in story["functions"]
    ]
    panels = [_panel(row, now) for row in story["panels"] if "opened_at" not in row or row["opened_at"] <= now]
    components = [Component(panel=panel, function=function) for panel in panels for function in functions]
    session.add_all([*functions, *panels, *components])
    session.flush()
    return {component.public_id: component for component in components}


def _panel(row: Row, now: datetime) -> Panel:
    cutoff, gap = _known(row.get("cutoff"), now), _known(row.get("gap"), now)
    return Panel(
        slug=row["slug"],
        position=row["position"],
        name=texts(row["name"]),
        description=long(row["description"]),
        login_url=row["login_url"],
        accounts_from=row.get("accounts_from"),
        accounts_until=row.get("accounts_until"),
        opens_temporary=row["opens_temporary"],
        cutoff_at=cutoff.get("at"),
        cutoff_margin_minutes=cutoff.get("margin_minutes", 0),
        gap_from=gap.get("from"),
        gap_until=gap.get("until"),
    )


def _known(row: Row | None, now: datetime) -> Row:
    return row if row and row["since"] <= now else {}


def named(places: Places, panel: str, functions: Sequence[str]) -> Iterator[Component]:
    """The components of one panel that a row of the scenario names; `*` is all of them."""
    for public_id, component in places.items():
        of_panel, _, function = public_id.partition(".")
        if of_panel == panel and (function in functions or "*" in functions):
            yield component
