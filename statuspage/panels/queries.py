"""Reads panels and components by the names that the public knows."""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

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
