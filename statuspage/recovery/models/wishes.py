"""What customers choose and ask for, and how accounts are merged."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice
from statuspage.recovery.models.accounts import AccountRecovery
from statuspage.recovery.rules.backlog import BacklogKind, BacklogState
from statuspage.recovery.rules.choices import ChoiceAct, ChoiceKind
from statuspage.recovery.rules.merging import MergeState


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
