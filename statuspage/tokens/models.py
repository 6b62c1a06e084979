"""API tokens and the answers kept for repeated requests."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import BigId, Model


class ApiToken(Model):
    """A program's key `sp_<prefix>_<secret>`; only the hash of the secret is kept.

    After a rotation the secret before works beside the new one, until `old_until`.
    """

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    prefix: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    name: Mapped[str]
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    old_secret_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    old_until: Mapped[datetime | None]
    old_used_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column()
    __mapper_args__ = {"version_id_col": version}


class StoredAnswer(Model):
    """The answer to a request with an Idempotency-Key, kept for 24 hours."""

    __tablename__ = "stored_answer"
    __table_args__ = (UniqueConstraint("token_id", "route", "key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    token_id: Mapped[int] = mapped_column(ForeignKey("api_token.id", ondelete="CASCADE"))
    route: Mapped[str]
    key: Mapped[str]
    body_hash: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    body: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
