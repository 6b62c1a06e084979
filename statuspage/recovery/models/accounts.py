"""Accounts in recovery, the links to their pages, and wishes for links."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model
from statuspage.panels.models import Panel


def _known(column: str) -> Index:
    """An index of the few accounts of which this is known: a bulk load writes nothing into it."""
    known = text(f"{column} IS NOT NULL")
    return Index(f"ix_account_recovery_{column}", column, sqlite_where=known, postgresql_where=known)


class AccountRecovery(Model):
    """One account on one panel; the first report creates it. The login is kept as an HMAC only."""

    __tablename__ = "account_recovery"
    __table_args__ = (UniqueConstraint("panel_id", "account"), _known("login_hash"), _known("original_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panel.id", ondelete="CASCADE"))
    account: Mapped[str] = mapped_column(String(128))
    login_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    contact: Mapped[str | None] = mapped_column(String(254))
    original_id: Mapped[int | None] = mapped_column(ForeignKey("account_recovery.id"))
    panel: Mapped[Panel] = relationship(lazy="joined", innerjoin=True)
    original: Mapped["AccountRecovery | None"] = relationship(remote_side="AccountRecovery.id")


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
