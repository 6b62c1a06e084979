"""The columns that hold localised texts, and the revisions that are kept of them."""

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column

from statuspage.db import BigId, Model
from statuspage.texts.rules import Prose, Texts


def _fields(text: Texts) -> dict[str, Any]:
    """The text's own fields, and nothing that was kept beside them."""
    return {one.name: getattr(text, one.name) for one in fields(text)}


class TextsColumn(TypeDecorator[Texts]):
    """A `Texts` as JSON."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Texts | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else _fields(value)

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> Texts | None:
        return None if value is None else Texts(**value)


class ProseColumn(TypeDecorator[Prose]):
    """A `Prose` as JSON, its HTML with it."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def process_bind_param(self, value: Prose | None, dialect: Dialect) -> dict[str, Any] | None:
        return None if value is None else _fields(value)

    def process_result_value(self, value: dict[str, Any] | None, dialect: Dialect) -> Prose | None:
        return None if value is None else Prose(**value)


class TextRevision(Model):
    """What a text said before an edit: (kind, subject, field) name the text, `body` is the old one."""

    __tablename__ = "text_revision"
    __table_args__ = (Index("ix_text_revision_subject", "kind", "subject", "field"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str]
    field: Mapped[str]
    body: Mapped[Texts] = mapped_column(TextsColumn)
    replaced_at: Mapped[datetime]
    replaced_by: Mapped[str]
