"""Accounts in recovery, their stages and counters, orders on the move, and what customers are asked and ask for."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice
from statuspage.panels.models import Panel
from statuspage.recovery.rules.backlog import BacklogKind, BacklogState
from statuspage.recovery.rules.choices import ChoiceAct, ChoiceKind
from statuspage.recovery.rules.forwarding import TransferKind
from statuspage.recovery.rules.merging import MergeState
from statuspage.recovery.rules.reports import State
from statuspage.texts.models import TextsColumn
from statuspage.texts.rules import Texts


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
    """What the size of a panel was stated to be, and when."""

    __tablename__ = "panel_size"
    __table_args__ = (Index("ix_panel_size_panel", "panel_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    size: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


class AccountRecovery(Model):
    """One account on one panel; the first report creates it. The login is kept as an HMAC only."""

    __tablename__ = "account_recovery"
    __table_args__ = (UniqueConstraint("panel_id", "account"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    account: Mapped[str] = mapped_column(String(128))
    login_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    contact: Mapped[str | None] = mapped_column(String(254))
    original_id: Mapped[int | None] = mapped_column(ForeignKey("account_recovery.id"), index=True)
    panel: Mapped[Panel] = relationship(lazy="joined", innerjoin=True)
    original: Mapped["AccountRecovery | None"] = relationship(remote_side=[id])


class StageState(Model):
    """Where one stage of one account stands: the greatest report by (sequence, at, content)."""

    __tablename__ = "stage_state"

    account_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(String(32), primary_key=True)
    state: Mapped[State] = mapped_column(choice(State))
    done: Mapped[int] = mapped_column(BigInteger)
    total: Mapped[int] = mapped_column(BigInteger)
    sequence: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]


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


class RecoveryLink(Model):
    """A key to one account's page; only its hash is kept. Times are the machine's."""

    __tablename__ = "recovery_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    account: Mapped[AccountRecovery] = relationship()


class LinkRequest(Model):
    """Somebody entered a login and wants their link; `account_id` is None when the login is unknown.

    `try_after` is when the link may be mailed (again): the row is the event. Times are the machine's.
    """

    __tablename__ = "link_request"
    __table_args__ = (Index("ix_link_request_handled", "handled_at", "account_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    login_hash: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), index=True)
    requested_at: Mapped[datetime] = mapped_column(index=True)
    handled_at: Mapped[datetime | None]
    locale: Mapped[str | None] = mapped_column(String(8))
    tries: Mapped[int] = mapped_column(default=0, server_default="0")
    try_after: Mapped[datetime | None]
    mailed_at: Mapped[datetime | None]
    account: Mapped[AccountRecovery | None] = relationship()


class Transfer(Model):
    """Orders on the move into a panel: a queue to the shops, or a temporary account into its original.

    `moved_at` is when created, merged or failed last grew; `total` is what the last report adds up to.
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
    panel: Mapped[Panel] = relationship(foreign_keys=[panel_id], lazy="joined", innerjoin=True)
    from_panel: Mapped[Panel | None] = relationship(foreign_keys=[from_panel_id])


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


class Choice(Model):
    """What a customer has to choose; without a word from them the default holds after the deadline.

    Whoever chooses, changes or carries out locks this row first. `tries`, `try_after` and `reminded_at` are about
    the mail that reminds of it (the machine's time), the rest is the product's time.
    """

    __tablename__ = "choice"
    __table_args__ = (UniqueConstraint("account_id", "kind"), Index("ix_choice_deadline", "carried_at", "deadline"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"))
    kind: Mapped[ChoiceKind] = mapped_column(choice(ChoiceKind))
    options: Mapped[list[str]] = mapped_column(JSON)
    default: Mapped[str] = mapped_column(String(32))
    deadline: Mapped[datetime]
    opened_at: Mapped[datetime]
    chosen: Mapped[str | None] = mapped_column(String(32))
    chosen_at: Mapped[datetime | None]
    carried_out: Mapped[str | None] = mapped_column(String(32))
    carried_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    try_after: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    account: Mapped[AccountRecovery] = relationship()
    steps: Mapped[list["ChoiceStep"]] = relationship(order_by="ChoiceStep.id")

    @property
    def receipt(self) -> "ChoiceStep | None":
        """The receipt of what the customer chose last."""
        return next((one for one in reversed(self.steps) if one.number is not None), None)


class ChoiceStep(Model):
    """What happened to a choice, and when. What the customer chose has the number of its receipt."""

    __tablename__ = "choice_step"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    choice_id: Mapped[int] = mapped_column(ForeignKey("choice.id", ondelete="CASCADE"), index=True)
    act: Mapped[ChoiceAct] = mapped_column(choice(ChoiceAct))
    option: Mapped[str | None] = mapped_column(String(32))
    number: Mapped[str | None] = mapped_column(String(16), unique=True)
    at: Mapped[datetime]


class BacklogRequest(Model):
    """A customer asks for what is missing: `since` is the first day of it. `reason` says why it was declined."""

    __tablename__ = "backlog_request"
    __table_args__ = (Index("ix_backlog_request_state", "state", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), index=True)
    kind: Mapped[BacklogKind] = mapped_column(choice(BacklogKind))
    since: Mapped[date]
    note: Mapped[str] = mapped_column(String(1000))
    state: Mapped[BacklogState] = mapped_column(choice(BacklogState))
    reason: Mapped[str | None] = mapped_column(String(500))
    asked_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    account: Mapped[AccountRecovery] = relationship()


class Merge(Model):
    """A temporary account into its original: what will become of its orders, the run of it, and its result."""

    __tablename__ = "account_merge"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(64), unique=True)
    original_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), index=True)
    temporary_id: Mapped[int] = mapped_column(ForeignKey("account_recovery.id", ondelete="CASCADE"), unique=True)
    state: Mapped[MergeState] = mapped_column(choice(MergeState))
    to_create: Mapped[int] = mapped_column(BigInteger)
    to_merge: Mapped[int] = mapped_column(BigInteger)
    in_conflict: Mapped[int] = mapped_column(BigInteger)
    examples: Mapped[list[dict[str, str]]] = mapped_column(JSON)
    sequence: Mapped[int] = mapped_column(BigInteger)
    planned_at: Mapped[datetime]
    run_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    created: Mapped[int | None] = mapped_column(BigInteger)
    merged: Mapped[int | None] = mapped_column(BigInteger)
    failed: Mapped[int | None] = mapped_column(BigInteger)
    override_reason: Mapped[str | None] = mapped_column(String(500))
    original: Mapped[AccountRecovery] = relationship(foreign_keys=[original_id])
    temporary: Mapped[AccountRecovery] = relationship(foreign_keys=[temporary_id])
