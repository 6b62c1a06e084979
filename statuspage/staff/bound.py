"""What an article can be bound to, in words for a list of choices."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.faq.rules import Bound
from statuspage.i18n import noop
from statuspage.incidents import queries as incidents
from statuspage.panels.models import Function, Panel
from statuspage.staff import desk

FUNCTION = noop("Function: %(name)s")
INCIDENT = noop("Incident: %(name)s")


def bound_choices(session: Session) -> list[tuple[str, str]]:
    """(`panel:panel-c`, "Panel C") of all panels, functions and incidents."""
    locale = desk.locale()
    panels = session.scalars(select(Panel).order_by(Panel.position, Panel.id))
    functions = session.scalars(select(Function).order_by(Function.position, Function.id))
    found = [(f"{Bound.PANEL.value}:{one.slug}", one.name.read(locale).text) for one in panels]
    found += [(f"{Bound.FUNCTION.value}:{one.slug}", _named(FUNCTION, one.name.read(locale).text)) for one in functions]
    told = [(one.public_id, one.title.read(locale).text) for one in incidents.latest(session)]
    return found + [(f"{Bound.INCIDENT.value}:{public_id}", _named(INCIDENT, name)) for public_id, name in told]


def _named(words: str, name: str) -> str:
    return desk.say(words, name=name)


def bindings(values: Sequence[str]) -> list[tuple[Bound, str]]:
    """What the chosen values mean."""
    parts = [value.partition(":") for value in values]
    return [(Bound(kind), subject) for kind, _, subject in parts]
