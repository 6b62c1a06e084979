"""The ledger of estimates. A new one supersedes the last; none is ever deleted."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import Model, choice
from statuspage.estimates.rules import Closing, Confidence, Precision, Subject
from statuspage.texts.models import TextsColumn
from statuspage.texts.rules import Texts


class Estimate(Model):
    """One promise: its subject is a kind and a public id, so that the ledger rests on no other noun.

    `starts_at` … `ends_at`: an instant has them equal, a day has its midnights in the site's zone.
    """

    __tablename__ = "estimate"
    __table_args__ = (
        Index("ix_estimate_subject", "subject_kind", "subject_id", "id"),
        # One open promise a subject: the ledger's rule, held where no race can pass.
        Index(
            "uq_estimate_open",
            "subject_kind",
            "subject_id",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    subject_kind: Mapped[Subject] = mapped_column(choice(Subject))
    subject_id: Mapped[str]
    precision: Mapped[Precision] = mapped_column(choice(Precision))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    source: Mapped[Texts] = mapped_column(TextsColumn)
    quote: Mapped[Texts | None] = mapped_column(TextsColumn)
    link: Mapped[str | None]
    confidence: Mapped[Confidence | None] = mapped_column(choice(Confidence))
    said_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    supersedes_id: Mapped[int | None] = mapped_column(ForeignKey("estimate.id"), unique=True)
    closed_at: Mapped[datetime | None]
    closing: Mapped[Closing | None] = mapped_column(choice(Closing))
