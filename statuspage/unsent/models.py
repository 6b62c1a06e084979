"""Typed and not sent: one row an opened form."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import BigId, Model


class Unsent(Model):
    """`fields` are pairs of name and words, as the browser would send them.

    Once the form is sent the row stays a while without its words: what comes late from the browser is not new then.
    """

    __tablename__ = "unsent"
    __table_args__ = (UniqueConstraint("staff_id", "place", "form_key"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    place: Mapped[str] = mapped_column(String(300), index=True)
    form_key: Mapped[str] = mapped_column(String(32))
    title: Mapped[str] = mapped_column(String(200), default="")
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    saved_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
