"""Planned work and its updates."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import Column, ForeignKey, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import Model, choice
from statuspage.maintenance.rules import Phase
from statuspage.panels.models import Component
from statuspage.texts.models import ProseColumn, TextsColumn
from statuspage.texts.rules import Prose, Texts

maintenance_component = Table(
    "maintenance_component",
    Model.metadata,
    Column("maintenance_id", ForeignKey("maintenance.id", ondelete="CASCADE"), primary_key=True),
    Column("component_id", ForeignKey("component.id", ondelete="CASCADE"), primary_key=True),
)


class Maintenance(Model):
    """A window of planned work on some components."""

    __tablename__ = "maintenance"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[Texts] = mapped_column(TextsColumn)
    body: Mapped[Prose] = mapped_column(ProseColumn)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    announced_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    form_key: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column()
    components: Mapped[list[Component]] = relationship(secondary=maintenance_component, order_by=Component.id)
    updates: Mapped[list["MaintenanceUpdate"]] = relationship(
        order_by="MaintenanceUpdate.sequence", back_populates="maintenance"
    )
    __mapper_args__ = {"version_id_col": version}


class MaintenanceUpdate(Model):
    """What was said about planned work, and the phase it put it in."""

    __tablename__ = "maintenance_update"
    __table_args__ = (UniqueConstraint("maintenance_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    maintenance_id: Mapped[int] = mapped_column(ForeignKey("maintenance.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    phase: Mapped[Phase] = mapped_column(choice(Phase))
    body: Mapped[Prose] = mapped_column(ProseColumn)
    published_at: Mapped[datetime]
    form_key: Mapped[str | None] = mapped_column(unique=True)
    maintenance: Mapped[Maintenance] = relationship(back_populates="updates")
