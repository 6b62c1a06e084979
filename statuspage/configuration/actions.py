"""Makes the site as a file says, in the caller's one transaction, through the actions that staff use."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor
from statuspage.configuration.probes import Base
from statuspage.configuration.queries import planned
from statuspage.configuration.rules import Act, Change, Noun, Plan, Subject
from statuspage.configuration.shapes import Component, File, Function, Panel
from statuspage.db import Site, touch
from statuspage.panels import actions as panels
from statuspage.panels import queries
from statuspage.panels.models import Panel as PanelRow
from statuspage.probing import actions as probing
from statuspage.probing import guard
from statuspage.probing.models import Probe
from statuspage.probing.queries import probes
from statuspage.probing.rules import Kind, Wish

Ids = dict[tuple[str, ...], int]


@dataclass(frozen=True)
class Done:
    """What was done, and the token of each heartbeat that is new: the one time to see it."""

    plan: Plan
    heartbeats: tuple[tuple[Subject, str], ...] = ()


def apply(session: Session, wanted: File, allow: tuple[guard.Network, ...], actor: Actor, *, prune: bool) -> Done:
    """All that the file asks for, or nothing. The page's revision moves only if something changed.

    Raises `Invalid` with each fault of the file, `RuleBroken` for what cannot be removed.
    """
    _lock(session)
    plan = planned(session, wanted, allow, prune=prune)
    for change in plan.changes:
        if change.subject.noun is not Noun.PROBE and change.act is not Act.REMOVED:
            _write(session, change, actor)
    heartbeats = _write_probes(session, [one for one in plan.changes if one.subject.noun is Noun.PROBE], allow, actor)
    for change in plan.changes:
        if change.subject.noun is not Noun.PROBE and change.act is Act.REMOVED:
            _remove(session, change.subject, actor)
    if plan.changes:
        touch(session)
    return Done(plan, heartbeats)


def _lock(session: Session) -> None:
    """In the order of whoever stores results: probes, panels, the site."""
    session.scalars(select(Probe.id).order_by(Probe.id).with_for_update()).all()
    session.scalars(select(PanelRow.id).order_by(PanelRow.id).with_for_update()).all()
    session.scalars(select(Site.id).with_for_update()).all()


def _write(session: Session, change: Change, actor: Actor) -> None:
    wanted = change.wanted
    if isinstance(wanted, Function):
        _write_function(session, wanted, actor, is_new=change.act is Act.CREATED)
    elif isinstance(wanted, Panel):
        _write_panel(session, wanted, actor, is_new=change.act is Act.CREATED)
    elif isinstance(wanted, Component):
        component = queries.component_at(session, ".".join(change.subject.key))
        note = wanted.note.text(component.note) if wanted.note else None
        panels.set_note(session, component.public_id, note, actor)


def _write_function(session: Session, wanted: Function, actor: Actor, *, is_new: bool) -> None:
    act = panels.add_function if is_new else panels.edit_function
    old = None if is_new else queries.function_at(session, wanted.slug).name
    act(session, wanted.slug, wanted.name.text(old), wanted.position or 0, actor, key=wanted.key)


def _write_panel(session: Session, wanted: Panel, actor: Actor, *, is_new: bool) -> None:
    row = None if is_new else queries.panel_at(session, wanted.slug)
    about = panels.About(
        name=wanted.name.text(row.name if row else None),
        description=wanted.description.text(row.description if row else None) if wanted.description else None,
        login_url=wanted.login_url,
        position=wanted.position or 0,
        days=wanted.days,
        opens_temporary=wanted.opens_temporary,
    )
    # Days that move from one panel to another overlap until both are written; the plan has compared them all.
    if row is None:
        panels.create(session, wanted.slug, about, actor, days_agreed=True)
    else:
        panels.edit(session, wanted.slug, row.version, about, actor, days_agreed=True)
        session.flush()


def _write_probes(
    session: Session, changes: Sequence[Change], allow: tuple[guard.Network, ...], actor: Actor
) -> tuple[tuple[Subject, str], ...]:
    components: Ids = {(one.panel.slug, one.function.slug): one.id for one in queries.all_components(session)}
    known: Ids = {(one.component.panel.slug, one.component.function.slug, one.name): one.id for one in probes(session)}
    told = []
    for change in changes:
        key = change.subject.key
        if isinstance(change.wanted, Base) and change.act is not Act.DISABLED:
            probe_id = _write_probe(session, known.get(key), components[key[:2]], change.wanted.wish(), allow, actor)
            if change.wanted.kind == Kind.HEARTBEAT and _is_new(change):
                told.append((change.subject, probing.new_token(session, probe_id, actor)))
        else:
            act = probing.switch_off if change.act is Act.DISABLED else probing.remove
            act(session, known[key], actor)
    return tuple(told)


def _write_probe(
    session: Session,
    probe_id: int | None,
    component_id: int,
    wish: Wish,
    allow: tuple[guard.Network, ...],
    actor: Actor,
) -> int:
    if probe_id is None:
        return probing.create(session, component_id, wish, allow, actor).id
    return probing.edit(session, probe_id, wish, allow, actor).id


def _is_new(change: Change) -> bool:
    return change.act is Act.CREATED or any(one.name == "kind" for one in change.differences)


def _remove(session: Session, subject: Subject, actor: Actor) -> None:
    act = panels.remove if subject.noun is Noun.PANEL else panels.remove_function
    act(session, subject.key[0], actor)
