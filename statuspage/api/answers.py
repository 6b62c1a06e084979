"""What answers are made of: texts with all their languages, times in UTC; the source of their description as well."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

from statuspage.api.values import utc
from statuspage.texts.rules import Freshness, Texts
from statuspage.web.site import site

Utc = Annotated[
    datetime, PlainSerializer(utc, return_type=str), WithJsonSchema({"type": "string", "format": "date-time"})
]
PublicId = Annotated[str, Field(description="As it stands in addresses")]
Version = Annotated[int, Field(description="Send it with a change: if somebody was faster, nothing is overwritten")]


class Answer(BaseModel):
    """A document that we send."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldProblem(BaseModel):
    """One field that was refused: where it stands, and what to do; of many that were sent, in which `line`."""

    path: str
    reason: str
    line: int | None = None


class Problem(BaseModel):
    """What went wrong and what to do (RFC 9457). Where many were sent, it also counts what became of them."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldProblem] = []


class WordsAnswer(Answer):
    """A text. Readers see the source in place of a translation that is missing or `stale`: older than its source."""

    pl: str | None = None
    en: str | None = None
    source: str
    stale: list[str]

    @classmethod
    def of(cls, words: Texts) -> Self:
        stale = [locale for locale in words.by_locale if words.freshness(locale) is Freshness.STALE]
        kept = words.by_locale
        return cls(pl=kept.get("pl"), en=kept.get("en"), source=words.source, stale=stale)

    @classmethod
    def of_any(cls, words: Texts | None) -> Self | None:
        return cls.of(words) if words else None


class Named(Answer):
    """What was made, or is changed, under its own id."""

    id: PublicId


class NamedByUuid(Answer):
    """The same for what has no address that people type."""

    id: UUID


def columns(row: object, *names: str) -> dict[str, Any]:
    """What an answer takes from a row as it is."""
    return {name: getattr(row, name) for name in names}


def public_url(path: str) -> str:
    """Where readers find it."""
    return f"{site().settings.base_url}{path}"
