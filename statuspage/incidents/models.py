"""Incidents, their updates, and what each update says of which component."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice
from statuspage.incidents.rules import Impact, Stage
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage
from statuspage.texts.models import ProseColumn, TextsColumn
from statuspage.texts.rules import Prose, Texts


class Incident(Model):
    """An incident; without `published_at` it is a draft that nobody outside sees."""

    __tablename__ = "incident"

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(unique=True)
    title: Mapped[Texts] = mapped_column(TextsColumn)
    impact: Mapped[Impact] = mapped_column(choice(Impact))
    status: Mapped[Stage] = mapped_column(choice(Stage), default=Stage.INVESTIGATING)
    summary: Mapped[Prose | None] = mapped_column(ProseColumn)
    summary_at: Mapped[datetime | None]
    started_at: Mapped[datetime]
    resolved_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    next_update_by: Mapped[datetime | None]
    relapse_of_id: Mapped[int | None] = mapped_column(ForeignKey("incident.id"))
    outage_id: Mapped[int | None] = mapped_column(ForeignKey("outage.id"), unique=True)
    version: Mapped[int] = mapped_column()
    outage: Mapped[Outage | None] = relationship()
    relapse_of: Mapped["Incident | None"] = relationship(remote_side=[id])
    updates: Mapped[list["IncidentUpdate"]] = relationship(
        order_by="IncidentUpdate.sequence", back_populates="incident"
    )
    __mapper_args__ = {"version_id_col": version}


class IncidentUpdate(Model):
    """One update. Without `published_at` it is a draft, or waits for `publish_at`.

    The sequence of published ones counts 1, 2, 3 …; drafts have one below 0 until they are published.
    """

    __tablename__ = "incident_update"
    __table_args__ = (UniqueConstraint("incident_id", "sequence"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"))
    sequence: Mapped[int]
    status: Mapped[Stage] = mapped_column(choice(Stage))
    body: Mapped[Prose] = mapped_column(ProseColumn)
    publish_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    corrected_at: Mapped[datetime | None]
    next_update_by: Mapped[datetime | None]
    backfilled: Mapped[bool] = mapped_column(default=False)
    form_key: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column()
    incident: Mapped[Incident] = relationship(back_populates="updates")
    affected: Mapped[list["Affected"]] = relationship(
        order_by="Affected.id", back_populates="update", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class Affected(Model):
    """What an update says of one component: its status and a public note."""

    __tablename__ = "affected"
    __table_args__ = (UniqueConstraint("update_id", "component_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    update_id: Mapped[int] = mapped_column(ForeignKey("incident_update.id", ondelete="CASCADE"))
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id", ondelete="CASCADE"), index=True)
    status: Mapped[Status] = mapped_column(choice(Status))
    note: Mapped[Texts | None] = mapped_column(TextsColumn)
    update: Mapped[IncidentUpdate] = relationship(back_populates="affected")
    component: Mapped[Component] = relationship(lazy="joined", innerjoin=True)


class HandoverNote(Model):
    """What one shift of staff hands over to the next; no reader ever sees it. The newest holds, earlier ones stay."""

    __tablename__ = "handover_note"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    incident_id: Mapped[int] = mapped_column(ForeignKey("incident.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(Text)
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(String(80))
    form_key: Mapped[str | None] = mapped_column(String(32), unique=True)
