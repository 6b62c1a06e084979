"""Reads hours and curves."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.latency.models import PanelLatency, ProbeHour
from statuspage.latency.rules import Curve, curve
from statuspage.panels.models import Panel


def hours_of(session: Session, probe_id: int) -> Sequence[ProbeHour]:
    """All hours of one probe, the oldest first."""
    return session.scalars(select(ProbeHour).where(ProbeHour.probe_id == probe_id).order_by(ProbeHour.hour)).all()


def curves(session: Session) -> dict[str, Curve]:
    """The curve of each panel (by slug) of which there is one to draw."""
    found = select(Panel.slug, PanelLatency).join(PanelLatency, PanelLatency.panel_id == Panel.id)
    rows = session.execute(found.order_by(Panel.position, Panel.id)).all()
    return {slug: curve(row.until, tuple(map(tuple, row.hours)), tuple(row.whole)) for slug, row in rows}
