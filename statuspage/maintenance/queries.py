"""Reads planned work."""

from datetime import datetime

from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.rules import Phase, phase


def phase_now(planned: Maintenance, now: datetime) -> Phase:
    """The phase at `now`, by the clock and by what staff said last."""
    said = planned.updates[-1] if planned.updates else None
    return phase(
        planned.starts_at, planned.ends_at, said.phase if said else None, said.published_at if said else None, now
    )
