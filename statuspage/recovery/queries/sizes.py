"""Reads how many accounts panels have."""

from collections.abc import Sequence

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from statuspage.panels.models import Panel
from statuspage.recovery.models import PanelRecovery, PanelSize


def panels_with_sizes(session: Session) -> Sequence[Row[Panel, PanelRecovery | None]]:
    """Every panel, and its restoration where one has begun."""
    found = select(Panel, PanelRecovery).outerjoin(PanelRecovery, PanelRecovery.panel_id == Panel.id)
    return session.execute(found.order_by(Panel.position, Panel.id)).all()


def size_of(session: Session, panel: Panel) -> PanelRecovery | None:
    return session.get(PanelRecovery, panel.id)


def steps_of(session: Session, panel: Panel) -> Sequence[PanelSize]:
    """What the size of a panel became, the newest first: stated and seen alike."""
    found = select(PanelSize).where(PanelSize.panel_id == panel.id).order_by(PanelSize.id.desc())
    return session.scalars(found.limit(100)).all()
