"""Panels, functions, components."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import Model, choice
from statuspage.panels.rules import Status
from statuspage.texts.models import ProseColumn, TextsColumn
from statuspage.texts.rules import Prose, Texts


class Panel(Model):
    """A server cluster on which accounts live."""

    __tablename__ = "panel"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Texts] = mapped_column(TextsColumn)
    description: Mapped[Prose | None] = mapped_column(ProseColumn)
    login_url: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    accounts_from: Mapped[date | None]
    accounts_until: Mapped[date | None]
    opens_temporary: Mapped[bool] = mapped_column(default=False)
    cutoff_at: Mapped[datetime | None]
    cutoff_margin_minutes: Mapped[int] = mapped_column(default=0)
    gap_from: Mapped[datetime | None]
    gap_until: Mapped[datetime | None]
    gap_closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class Function(Model):
    """What a customer does on a panel; without a key one the panel is down."""

    __tablename__ = "function"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[Texts] = mapped_column(TextsColumn)
    key: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int] = mapped_column(default=0)


class Component(Model):
    """One function on one panel. Public id: `<panel>.<function>`. The override wins until released."""

    __tablename__ = "component"
    __table_args__ = (UniqueConstraint("panel_id", "function_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    function_id: Mapped[int] = mapped_column(ForeignKey("function.id", ondelete="CASCADE"), index=True)
    override: Mapped[Status | None] = mapped_column(choice(Status))
    override_reason: Mapped[str | None]
    override_at: Mapped[datetime | None]
    note: Mapped[Texts | None] = mapped_column(TextsColumn)
    panel: Mapped[Panel] = relationship(lazy="joined", innerjoin=True)
    function: Mapped[Function] = relationship(lazy="joined", innerjoin=True)

    @property
    def public_id(self) -> str:
        return f"{self.panel.slug}.{self.function.slug}"
