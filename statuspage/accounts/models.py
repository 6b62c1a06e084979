"""Staff, their sessions and sign-in links."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.accounts.rules import Role, browser
from statuspage.db import Model, choice


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
    """A signed-in browser. The cookie's secret is stored hashed; times are the machine's.

    Who came in `by_link` may set a password without knowing the old one. A session that `needs_code` opens nothing but
    the page that asks for it. `confirmed_at` is when the person last proved to be who they are.
    """

    __tablename__ = "staff_session"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), index=True)
    csrf: Mapped[str]
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    address: Mapped[str | None]
    agent: Mapped[str | None]
    by_link: Mapped[bool] = mapped_column(default=False)
    needs_code: Mapped[bool] = mapped_column(default=False, server_default=false())
    confirmed_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()

    @property
    def handle(self) -> str:
        """What a page calls this session: enough of the hash to tell a person's own apart."""
        return self.token_hash.hex()[:16]

    @property
    def browser(self) -> str:
        return browser(self.agent)


class SignInLink(Model):
    """A one-time link that signs a person of the staff in (first start, reset)."""

    __tablename__ = "sign_in_link"

    token_hash: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    staff: Mapped[Staff] = relationship()


__all__ = ["Role", "SignInLink", "Staff", "StaffSession"]
