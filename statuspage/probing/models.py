"""Probes, their results, and the outages found by them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, Dialect, ForeignKey, Integer, LargeBinary, TypeDecorator, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice
from statuspage.panels.models import Component, Panel
from statuspage.probing.rules import PHASES, Kind, Verdict


class Milliseconds(TypeDecorator[float]):
    """A time in milliseconds, kept as whole tenths: two bytes for most."""

    impl = Integer
    cache_ok = True

    def process_bind_param(self, value: float | None, dialect: Dialect) -> int | None:
        return None if value is None else round(value * 10)

    def process_result_value(self, value: int | None, dialect: Dialect) -> float | None:
        return None if value is None else value / 10


class Probe(Model):
    """One way to look at one component, and what was last seen of it.

    `expect` holds the kind's own options; a heartbeat's token is stored hashed. Interval and
    timeout in seconds. `streak_from` is when the present run of equal results began, `heard_since`
    since when results come without a silence. All functions of the panel go through a `gateway`.
    Results of slots before `counted_until` are in the hour rows.
    """

    __tablename__ = "probe"

    id: Mapped[int] = mapped_column(primary_key=True)
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    target: Mapped[str] = mapped_column(default="")
    expect: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    interval: Mapped[int] = mapped_column(default=30)
    timeout: Mapped[float] = mapped_column(default=10.0)
    down_after: Mapped[int] = mapped_column(default=2)
    up_after: Mapped[int] = mapped_column(default=2)
    enabled: Mapped[bool] = mapped_column(default=True)
    publishes_itself: Mapped[bool] = mapped_column(default=False)
    gateway: Mapped[bool] = mapped_column(default=False)
    token_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), unique=True)
    created_at: Mapped[datetime]
    beat_at: Mapped[datetime | None]
    verdict: Mapped[Verdict] = mapped_column(choice(Verdict), default=Verdict.UNKNOWN)
    verdict_since: Mapped[datetime | None]
    streak: Mapped[int] = mapped_column(default=0)
    streak_ok: Mapped[bool] = mapped_column(default=True)
    streak_from: Mapped[datetime | None]
    last_result_at: Mapped[datetime | None]
    heard_since: Mapped[datetime | None]
    last_error: Mapped[str | None]
    counted_until: Mapped[int | None] = mapped_column(BigId)
    component: Mapped[Component] = relationship(lazy="joined", innerjoin=True)


class ProbeResult(Model):
    """One look: whether it was as expected, how long it took in all and in each phase.

    It began `lag` milliseconds after its slot. There are millions of these: a column or an index more is felt
    (`make bench-history` counts the bytes).
    """

    __tablename__ = "probe_result"
    __table_args__ = ({"sqlite_with_rowid": False},)

    probe_id: Mapped[int] = mapped_column(ForeignKey("probe.id", ondelete="CASCADE"), primary_key=True)
    slot: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    lag: Mapped[int]
    ok: Mapped[bool]
    degraded: Mapped[bool] = mapped_column(default=False)
    total_ms: Mapped[float | None] = mapped_column(Milliseconds)
    dns: Mapped[float | None] = mapped_column(Milliseconds)
    connect: Mapped[float | None] = mapped_column(Milliseconds)
    tls: Mapped[float | None] = mapped_column(Milliseconds)
    first_byte: Mapped[float | None] = mapped_column(Milliseconds)
    error: Mapped[str | None]

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(self.slot, UTC) + timedelta(milliseconds=self.lag)

    @property
    def phases(self) -> dict[str, float]:
        """Milliseconds of each phase that there was, in their order."""
        spent = {name: getattr(self, name) for name in PHASES}
        return {name: taken for name, taken in spent.items() if taken is not None}


class Outage(Model):
    """A spell in which probes of a panel found it down; incidents are drafted from rows not yet stamped."""

    __tablename__ = "outage"

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    drafted_at: Mapped[datetime | None]
    closed_in_incident_at: Mapped[datetime | None]
    panel: Mapped[Panel] = relationship(lazy="joined", innerjoin=True)
    hits: Mapped[list["OutageHit"]] = relationship(order_by="OutageHit.id", back_populates="outage")


class OutageHit(Model):
    """One probe that failed in an outage, from its first failure to its return, in its own words."""

    __tablename__ = "outage_hit"
    __table_args__ = (UniqueConstraint("outage_id", "probe_id", "started_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    outage_id: Mapped[int] = mapped_column(ForeignKey("outage.id", ondelete="CASCADE"))
    probe_id: Mapped[int] = mapped_column(ForeignKey("probe.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None]
    outage: Mapped[Outage] = relationship(back_populates="hits")
    probe: Mapped[Probe] = relationship()
