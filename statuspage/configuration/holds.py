"""What hangs on panels, functions and probes, so that they cannot be removed: the story that was told of them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.configuration.rules import Noun, Subject
from statuspage.estimates.models import Estimate
from statuspage.faq.models import Binding
from statuspage.faq.rules import Bound
from statuspage.incidents.models import Affected
from statuspage.maintenance.models import maintenance_component
from statuspage.panels.models import Component, Function, Panel
from statuspage.probing.models import Outage, OutageHit, Probe
from statuspage.recovery.models import (
    AccountRecovery,
    ForwardingPoint,
    PanelRecovery,
    PanelSize,
    ProgressPoint,
    StageCount,
    Transfer,
)

RECOVERY = (AccountRecovery, ForwardingPoint, PanelRecovery, PanelSize, ProgressPoint, StageCount, Transfer)
NOUNS = {Bound.PANEL: Noun.PANEL, Bound.FUNCTION: Noun.FUNCTION}


def held(session: Session) -> dict[Subject, tuple[str, ...]]:
    """What hangs on each panel and function, and which probes were counted in an outage."""
    found: dict[Subject, list[str]] = defaultdict(list)
    for words, subjects in _holds(session):
        for subject in subjects:
            if words not in found[subject]:
                found[subject].append(words)
    return {subject: tuple(words) for subject, words in found.items()}


def _holds(session: Session) -> Iterator[tuple[str, Iterator[Subject]]]:
    slugs = select(Panel.slug, Function.slug).select_from(Component)
    slugs = slugs.join(Component.panel).join(Component.function).distinct()
    yield "incidents", _both(session, slugs.join(Affected, Affected.component_id == Component.id))
    work = maintenance_component.c.component_id == Component.id
    yield "planned work", _both(session, slugs.join(maintenance_component, work))
    for model in (*RECOVERY, Outage):
        rows = select(Panel.slug).join(model, model.panel_id == Panel.id).distinct()
        yield "outages" if model is Outage else "recovery data", _of(Noun.PANEL, session.scalars(rows))
    sources = select(Panel.slug).join(Transfer, Transfer.from_panel_id == Panel.id).distinct()
    yield "recovery data", _of(Noun.PANEL, session.scalars(sources))
    for subject in session.scalars(select(Estimate.subject_id).distinct()):
        panel, _, function = subject.partition(".")
        yield "estimates", iter((Subject(Noun.PANEL, (panel,)), Subject(Noun.FUNCTION, (function,))))
    for kind, bound in session.execute(select(Binding.kind, Binding.subject).distinct()):
        yield "articles", iter((Subject(NOUNS[kind], (bound,)),) if kind in NOUNS else ())
    hit = slugs.add_columns(Probe.name).join(Probe, Probe.component_id == Component.id).join(OutageHit)
    yield "outages", (Subject(Noun.PROBE, tuple(row)) for row in session.execute(hit))


def _both(session: Session, rows: Any) -> Iterator[Subject]:
    for panel, function in session.execute(rows):
        yield Subject(Noun.PANEL, (panel,))
        yield Subject(Noun.FUNCTION, (function,))


def _of(noun: Noun, slugs: Any) -> Iterator[Subject]:
    return (Subject(noun, (slug,)) for slug in slugs)
