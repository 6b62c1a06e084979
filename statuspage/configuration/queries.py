"""Reads what there is as the file would say it, and what a file would change in it."""

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.configuration.holds import held
from statuspage.configuration.probes import SHAPES
from statuspage.configuration.rules import Plan, Present, faults, plan
from statuspage.configuration.shapes import Component, File, Function, Panel
from statuspage.configuration.words import Description, Name, Note
from statuspage.errors import Invalid, RuleBroken
from statuspage.panels import models as panels
from statuspage.panels.queries import all_components
from statuspage.panels.queries import functions as all_functions
from statuspage.panels.queries import panels as all_panels
from statuspage.probing import guard
from statuspage.probing.kinds import kept
from statuspage.probing.models import Probe


def planned(session: Session, wanted: File, allow: tuple[guard.Network, ...], *, prune: bool) -> Plan:
    """What an import would do. Raises `Invalid` with each fault of the file, `RuleBroken` for what cannot go."""
    there = Present(present(session), held(session) if prune else {})
    found = faults(wanted, there.file, allow, prune=prune)
    if found:
        raise Invalid("The file asks for what cannot be.", found)
    return plan(wanted, there, prune=prune)


def present(session: Session) -> File:
    """The site as a file: nothing left out, secrets as they are kept. Raises `RuleBroken` for probes of one name."""
    probes: dict[int, list[Any]] = defaultdict(list)
    for one in session.scalars(select(Probe).order_by(Probe.component_id, Probe.name, Probe.id)):
        if probes[one.component_id] and probes[one.component_id][-1].name == one.name:
            raise RuleBroken(
                f"two probes of {one.component.public_id} are named {one.name}: rename one at /staff/probes/"
            )
        probes[one.component_id].append(_probe(one))
    components: dict[int, dict[str, Component]] = defaultdict(dict)
    for component in all_components(session):
        note = Note.of(component.note) if component.note else None
        made = Component.model_construct(note=note, probes=probes[component.id])
        components[component.panel_id][component.function.slug] = made
    return File.model_construct(
        functions=[_function(one) for one in all_functions(session)],
        panels=[_panel(one, components[one.id]) for one in all_panels(session)],
    )


def _function(row: panels.Function) -> Function:
    return Function.model_construct(slug=row.slug, name=Name.of(row.name), key=row.key, position=row.position)


def _panel(row: panels.Panel, components: dict[str, Component]) -> Panel:
    return Panel.model_construct(
        slug=row.slug,
        name=Name.of(row.name),
        description=Description.of(row.description) if row.description else None,
        login_url=row.login_url,
        accounts_from=row.accounts_from,
        accounts_until=row.accounts_until,
        opens_temporary=row.opens_temporary,
        position=row.position,
        components=components,
    )


def _probe(row: Probe) -> Any:
    shape = SHAPES[row.kind]
    own = {name: getattr(row, name) for name in shape.model_fields if hasattr(row, name)}
    return shape.model_construct(**{**own, "kind": str(row.kind), **kept(row.kind, row.expect)})
