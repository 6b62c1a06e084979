"""Staff, their sessions and sign-in links; API tokens and the answers kept for repeated requests."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import BigId, Model, choice


class Role(StrEnum):
    """What staff may do; each includes the one before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"


class Staff(Model):
    """A person of the staff. Without a password they can only come in by a one-time link."""

    __tablename__ = "staff"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(choice(Role))
    password_hash: Mapped[str | None]
    locale: Mapped[str] = mapped_column(default="en")
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]


class StaffSession(Model):
    """A signed-in browser. The cookie's secret is stored hashed; times are the machine's."""

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str | None]
    agent: Mapped[str | None]
    staff: Mapped[Staff] = relationship()


class SignInLink(Model):
    """A one-time link that signs a person of the staff in (first start, reset)."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()


class ApiToken(Model):
    """A program's key `sp_<prefix>_<secret>`; only the hash of the secret is kept."""

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
