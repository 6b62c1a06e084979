"""How far panels, stages and accounts have come, with counters kept in step."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice
from statuspage.panels.models import Panel
from statuspage.recovery.rules.progress import SizeCause
from statuspage.recovery.rules.reports import State
from statuspage.texts.models import TextsColumn
from statuspage.texts.rules import Texts

STUCK = "state IN ('failed', 'needs_choice')"


class PanelRecovery(Model):
    """The restoration of one panel. Writers of its accounts lock this row first, so they take turns.

    `size` is N as stated by API or staff; `seen` counts the accounts reported so far.
    """

    __tablename__ = "panel_recovery"

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"), primary_key=True)
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    seen: Mapped[int] = mapped_column(BigInteger, default=0)
    panel: Mapped[Panel] = relationship()


class PanelSize(Model):
    """What the size of a panel became: as stated, or as seen where more accounts were reported than that."""

    __tablename__ = "panel_size"
    __table_args__ = (Index("ix_panel_size_panel", "panel_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    cause: Mapped[SizeCause] = mapped_column(choice(SizeCause), default=SizeCause.STATED, server_default="stated")
    reason: Mapped[Texts | None] = mapped_column(TextsColumn)


class StageState(Model):
    """Where one stage of one account stands: the greatest report by (sequence, at, content).

    `by` is who corrected it by hand; `past` is what it was before, see `rules.history`.
    """

    __tablename__ = "stage_state"
    # For the board: only the few rows that wait for somebody are in it.
    __table_args__ = (
        Index(
            "ix_stage_state_stuck",
            "stage",
            "state",
            "reason",
            sqlite_where=text(STUCK),
            postgresql_where=text(STUCK),
        ),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[State] = mapped_column(choice(State))
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(200))
    by: Mapped[str | None] = mapped_column(String(64))
    past: Mapped[str | None] = mapped_column(Text)


class StageCount(Model):
    """How many accounts of a panel are in which state of a stage: equal to a recount at any moment."""

    __tablename__ = "stage_count"

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[State] = mapped_column(choice(State), primary_key=True)
    accounts: Mapped[int] = mapped_column(BigInteger)
    changed_at: Mapped[datetime]


class ProgressPoint(Model):
    """A point of the growth of a stage of a panel, for its chart."""

    __tablename__ = "progress_point"
    __table_args__ = (UniqueConstraint("panel_id", "stage", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    stage: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    restored: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)


class ProgressMark(Model):
    """A stage of a panel came to so many tenths of its accounts: stamped once, whatever happens later."""

    __tablename__ = "progress_mark"

    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(32), primary_key=True)
    percent: Mapped[int] = mapped_column(primary_key=True)
    restored: Mapped[int] = mapped_column(BigInteger)
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
