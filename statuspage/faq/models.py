"""Articles and what they are bound to."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from statuspage.db import Model, choice
from statuspage.faq.rules import Bound, Kind
from statuspage.texts.models import ProseColumn, TextsColumn
from statuspage.texts.rules import Prose, Texts


class Article(Model):
    """A guide or a question. Without `published_at` it is a draft."""

    __tablename__ = "article"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(default=uuid4, unique=True)
    slug: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    category: Mapped[Texts | None] = mapped_column(TextsColumn)
    title: Mapped[Texts] = mapped_column(TextsColumn)
    body: Mapped[Prose] = mapped_column(ProseColumn)
    position: Mapped[int] = mapped_column(default=0)
    related: Mapped[list[str]] = mapped_column(JSON, default=list)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    helpful: Mapped[int] = mapped_column(default=0)
    unhelpful: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column()
    bindings: Mapped[list["Binding"]] = relationship(
        order_by="Binding.id", back_populates="article", cascade="all, delete-orphan"
    )
    __mapper_args__ = {"version_id_col": version}


class Binding(Model):
    """Where an article is shown."""

    __tablename__ = "article_binding"
    __table_args__ = (Index("ix_article_binding_subject", "kind", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int] = mapped_column(ForeignKey("article.id", ondelete="CASCADE"))
    kind: Mapped[Bound] = mapped_column(choice(Bound))
    subject: Mapped[str]
    article: Mapped[Article] = relationship(back_populates="bindings")
