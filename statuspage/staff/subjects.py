"""What an estimate can be about, in words for a list of choices."""

from collections.abc import Iterator, Mapping

from sqlalchemy.orm import Session
from wtforms.fields.choices import SelectChoice

from statuspage.estimates.rules import Subject
from statuspage.i18n import noop
from statuspage.incidents import queries as incidents
from statuspage.incidents.models import Incident
from statuspage.panels.models import Component
from statuspage.panels.queries import all_components
from statuspage.recovery.rules.reports import STAGES
from statuspage.staff import desk

NO_ESTIMATE = noop("no new estimate")
# A form about something else offers no more than so many; all of them weigh as much as the rest of the page.
MANY = 300
LARGE = {Subject.PANEL, Subject.INCIDENT}


def subject_choices(session: Session, incident: Incident | None, *, blank: bool = False) -> list[SelectChoice]:
    """`panel:panel-c`, "Panel C" and so on: all that can be promised back: this incident, or all open ones.

    With a `blank` it is a field beside others: on a large site panels and incidents alone are offered.
    """
    about = [incident] if incident else [one for one in incidents.latest(session) if not one.status.is_over]
    named = list(_names(session, about))
    if blank and len(named) > MANY:
        named = [one for one in named if one[0][0] in LARGE]
    found = [SelectChoice(f"{kind.value}:{public_id}", words) for (kind, public_id), words in named]
    return [SelectChoice("", desk.say(NO_ESTIMATE)), *found] if blank else found


def subject_names(session: Session) -> Mapping[tuple[Subject, str], str]:
    """The words for every subject."""
    return dict(_names(session, incidents.latest(session)))


def _names(session: Session, about: list[Incident] | object) -> Iterator[tuple[tuple[Subject, str], str]]:
    locale, components = desk.locale(), all_components(session)
    panels = {one.panel.slug: one.panel.name.read(locale).text for one in components}
    for slug, name in panels.items():
        yield (Subject.PANEL, slug), name
    for slug, name in panels.items():
        for stage, label in STAGES.items():
            words = desk.say(noop("%(panel)s, restoration: %(stage)s"), panel=name, stage=desk.say(label))
            yield (Subject.STAGE, f"{slug}.{stage}"), words
    for one in components:
        yield (Subject.COMPONENT, one.public_id), _component(one, locale)
    for incident in about if isinstance(about, list) else []:
        yield (Subject.INCIDENT, incident.public_id), incident.title.read(locale).text


def _component(one: Component, locale: str) -> str:
    return f"{one.panel.name.read(locale).text}: {one.function.name.read(locale).text}"
