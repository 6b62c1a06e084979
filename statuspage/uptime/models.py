"""Uptime per component and day: a row holds the seconds of each status; settled days lie packed beside them."""

from datetime import date

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import Model


class DayUptime(Model):
    """One day (of the site's zone) of one component, in seconds per status."""

    __tablename__ = "day_uptime"

    component_id: Mapped[int] = mapped_column(ForeignKey("component.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    operational: Mapped[int] = mapped_column(default=0)
    degraded: Mapped[int] = mapped_column(default=0)
    partial: Mapped[int] = mapped_column(default=0)
    major: Mapped[int] = mapped_column(default=0)
    maintenance: Mapped[int] = mapped_column(default=0)
    unknown: Mapped[int] = mapped_column(default=0)


class UptimeStrip(Model):
    """The 90 days of one component up to and with `until`, packed from its day rows; later days are read from these."""

    __tablename__ = "uptime_strip"

    component_id: Mapped[int] = mapped_column(ForeignKey("component.id", ondelete="CASCADE"), primary_key=True)
    until: Mapped[date]
    days: Mapped[bytes] = mapped_column(LargeBinary)
