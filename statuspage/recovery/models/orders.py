"""Orders on the move, and how far they had come when."""

from datetime import UTC, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice
from statuspage.panels.models import Panel
from statuspage.recovery.rules.forwarding import Drain, Sample, TransferKind, drain, stalled_since
from statuspage.recovery.rules.gate import is_held
from statuspage.texts.models import TextsColumn
from statuspage.texts.rules import Texts


class Transfer(Model):
    """Orders on the move into a panel: a queue to the shops, or a temporary account into its original.

    `moved_at` is when created, merged or failed last grew; `total` is what the last report adds up to; `allowance`
    is how many may move until somebody has looked at them, None being all; `past` is how far it had come before, see
    `rules.forwarding.sampled`.
    """

    __tablename__ = "transfer"
    __table_args__ = (
        Index("ix_transfer_to", "panel_id", "to_account"),
        Index("ix_transfer_from", "from_panel_id", "from_account"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    kind: Mapped[TransferKind] = mapped_column(choice(TransferKind))
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    to_account: Mapped[str | None] = mapped_column(String(128))
    from_panel_id: Mapped[int | None] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    from_account: Mapped[str | None] = mapped_column(String(128))
    name: Mapped[Texts | None] = mapped_column(TextsColumn)
    total: Mapped[int] = mapped_column(BigInteger)
    created: Mapped[int] = mapped_column(BigInteger, default=0)
    merged: Mapped[int] = mapped_column(BigInteger, default=0)
    failed: Mapped[int] = mapped_column(BigInteger, default=0)
    waiting: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger, default=0)
    at: Mapped[datetime]
    moved_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    override_reason: Mapped[str | None]
    allowance: Mapped[int | None] = mapped_column(BigInteger)
    past: Mapped[list[Sample] | None] = mapped_column(JSON(none_as_null=True))
    panel: Mapped[Panel] = relationship(foreign_keys=[panel_id], lazy="joined", innerjoin=True)
    from_panel: Mapped[Panel | None] = relationship(foreign_keys=[from_panel_id])

    @property
    def moved(self) -> int:
        return self.created + self.merged + self.failed

    @property
    def is_held(self) -> bool:
        """Whether it has moved all that it may before somebody has looked."""
        return is_held(self.allowance, self.moved)

    def stalled_since(self, now: datetime) -> datetime | None:
        return None if self.is_held else stalled_since(self.waiting, self.moved_at, now)

    def drain(self, now: datetime) -> Drain | None:
        """When all will have moved, by its own pace; nobody knows while it stands, or waits to be looked at."""
        if self.is_held or self.stalled_since(now):
            return None
        past = [(datetime.fromtimestamp(second, UTC), moved) for second, moved in self.past or ()]
        return drain([*past, (self.at, self.moved)], self.waiting, now)


class ForwardingPoint(Model):
    """How far all transfers of a panel and kind had come at a moment: the measure of throughput."""

    __tablename__ = "forwarding_point"
    __table_args__ = (UniqueConstraint("panel_id", "kind", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    kind: Mapped[TransferKind] = mapped_column(choice(TransferKind))
    at: Mapped[datetime]
    moved: Mapped[int] = mapped_column(BigInteger)
    waiting: Mapped[int] = mapped_column(BigInteger)
