"""Leases: one row a thing that only one process may do."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import Model


class Lease(Model):
    """`fence` grows with each change of hands, so that a holder who slept can be told from the present one."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    fence: Mapped[int] = mapped_column(default=1)
    expires_at: Mapped[datetime]
