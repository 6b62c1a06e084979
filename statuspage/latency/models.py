"""Hour rows of each probe, and the last hours of each panel ready to be drawn."""

from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import BigId, Model
from statuspage.latency.rules import Histogram, Tally


class ProbeHour(Model):
    """One hour (from the second at which it began, UTC) of one probe; `times` is a packed histogram."""

    __tablename__ = "probe_hour"
    __table_args__ = ({"sqlite_with_rowid": False},)

    probe_id: Mapped[int] = mapped_column(ForeignKey("probe.id", ondelete="CASCADE"), primary_key=True)
    hour: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    ok: Mapped[int]
    degraded: Mapped[int]
    failed: Mapped[int]
    times: Mapped[bytes] = mapped_column(LargeBinary)

    @property
    def tally(self) -> Tally:
        return Tally(self.ok, self.degraded, self.failed, Histogram.unpack(self.times))


class PanelLatency(Model):
    """The last full hours of one panel up to the second `until`: pairs of percentiles, and one pair of them all."""

    __tablename__ = "panel_latency"

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[int] = mapped_column(BigId)
    hours: Mapped[list[Any]] = mapped_column(JSON)
    whole: Mapped[list[Any]] = mapped_column(JSON)
