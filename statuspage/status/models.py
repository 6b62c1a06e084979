"""Spans: from when to when a component had which effective status, and who said so."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import BigId, Model, choice
from statuspage.panels.rules import Status
from statuspage.status.rules import Source


class Span(Model):
    """A stretch of one status; open while `ended_at` is None. The truth of uptime."""

    __tablename__ = "span"
    __table_args__ = (
        Index("ix_span_component", "component_id", "started_at"),
        # At most one open span a component, whoever records.
        Index(
            "uq_span_open",
            "component_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id", ondelete="CASCADE"))
    status: Mapped[Status] = mapped_column(choice(Status))
    source: Mapped[Source] = mapped_column(choice(Source))
    reference: Mapped[str | None]
    started_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
