"""Reads panels and components by the names that the public knows."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.errors import NotFound
from statuspage.i18n import noop
from statuspage.panels.models import Component, Function, Panel


def components_named(session: Session, public_ids: Collection[str]) -> dict[str, Component]:
    """Those of the named components (`panel-a.warehouse`) that exist, by public id."""
    wanted = set(public_ids)
    panels = {one.partition(".")[0] for one in wanted}
    found = select(Component).join(Component.panel).where(Panel.slug.in_(panels))
    return {one.public_id: one for one in session.scalars(found) if one.public_id in wanted}


def all_components(session: Session) -> Sequence[Component]:
    """Every component, panel by panel, as the grid has them."""
    found = select(Component).join(Component.panel).join(Component.function)
    return session.scalars(found.order_by(Panel.position, Panel.id, Function.position, Function.id)).all()


def panels(session: Session) -> Sequence[Panel]:
    """All panels as the grid has them."""
    return session.scalars(select(Panel).order_by(Panel.position, Panel.id)).all()


def functions(session: Session) -> Sequence[Function]:
    """All functions as the grid has them."""
    return session.scalars(select(Function).order_by(Function.position, Function.id)).all()


def panel_at(session: Session, slug: str, *, lock: bool = False) -> Panel:
    """One panel by its slug. Raises `NotFound`.

    A lock lets others point to the row meanwhile: who dates changes or adds a function holds the site's row already.
    """
    found = select(Panel).where(Panel.slug == slug)
    panel = session.scalar(found.with_for_update(key_share=True) if lock else found)
    if panel is None:
        raise NotFound(noop("There is no such panel."))
    return panel


def function_at(session: Session, slug: str, *, lock: bool = False) -> Function:
    """One function by its slug. Raises `NotFound`."""
    found = select(Function).where(Function.slug == slug)
    function = session.scalar(found.with_for_update(key_share=True) if lock else found)
    if function is None:
        raise NotFound(noop("There is no such function."))
    return function


def component_at(session: Session, public_id: str, *, lock: bool = False) -> Component:
    """One component by its public id (`panel-a.warehouse`). Raises `NotFound`."""
    panel, _, function = public_id.partition(".")
    named = (Panel.slug == panel, Function.slug == function)
    found = select(Component).join(Component.panel).join(Component.function).where(*named)
    component = session.scalar(found.with_for_update(of=Component, key_share=True) if lock else found)
    if component is None:
        raise NotFound(noop("There is no such component."))
    return component


def components_of(session: Session, slug: str) -> Sequence[Component]:
    """The components of one panel, function by function."""
    found = select(Component).join(Component.panel).join(Component.function).where(Panel.slug == slug)
    return session.scalars(found.order_by(Function.position, Function.id)).all()
