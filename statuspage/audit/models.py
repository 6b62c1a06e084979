"""The audit log and its seals. Rows are only ever added: triggers of the database see to that."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Connection, Index, MetaData, String, event
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.audit import guards
from statuspage.db import BigId, Model


class AuditEntry(Model):
    """One act: the actor (`staff:3`, `token:sp_ab12`, `system:probing`), the act and its subject."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_subject", "subject", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    address: Mapped[str | None]


class AuditSeal(Model):
    """The digest of one entry chained to the digest of the sealed entry before it.

    No foreign key: a seal must outlive its entry, or nobody could tell that the entry is gone.
    """

    __tablename__ = "audit_seal"

    entry_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    digest: Mapped[str] = mapped_column(String(64), index=True)


@event.listens_for(AuditSeal.__table__, "after_create")
def _guard(target: MetaData, connection: Connection, **rest: Any) -> None:
    """A schema that is made from the models has what the migrations make."""
    guards.put_up(connection)
