"""What every entry of the file is made of: closed entries, texts in all languages, names in addresses, days."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetCoreSchemaHandler,
    model_validator,
)

from statuspage.panels.rules import SLUG, is_address, is_slug
from statuspage.texts.rules import MARKDOWN_LIMIT, Freshness, Prose, Texts, prose

Locale = Literal["pl", "en"]
LOCALES: tuple[Locale, ...] = ("pl", "en")


class Entry(BaseModel):
    """No key that is not named, no value that has to be guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OneOf:
    """One of these words, also in the schema."""

    def __init__(self, *words: str) -> None:
        self.words = tuple(str(word) for word in words)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return handler.generate_schema(Literal[self.words])


def _slug(words: str) -> str:
    if not is_slug(words):
        raise ValueError("is no name for addresses: use small letters, digits and hyphens, like panel-a")
    return words


def _web_address(words: str) -> str:
    if words and not is_address(words):
        raise ValueError("give a web address like https://panel-a.example.com/, or nothing")
    return words


def _day(given: Any) -> date:
    if isinstance(given, date):
        return given
    try:
        if not isinstance(given, str) or len(given) != len("2020-08-27"):
            raise ValueError("no day")
        return date.fromisoformat(given)
    except ValueError:
        raise ValueError("is no day: write it like 2020-08-27") from None


def _markdown(words: str) -> str:
    if len(words.encode()) > MARKDOWN_LIMIT:
        raise ValueError("may have at most 64 KiB")
    return words


Slug = Annotated[str, AfterValidator(_slug), Field(json_schema_extra={"pattern": f"^{SLUG}$"})]
WebAddress = Annotated[str, Field(max_length=500), AfterValidator(_web_address)]
Day = Annotated[date, BeforeValidator(_day, json_schema_input_type=date)]
Position = Annotated[int, Field(ge=0, le=9999)]
Trimmed = Annotated[str, AfterValidator(str.strip)]
Title = Annotated[Trimmed, Field(max_length=80)]
Remark = Annotated[Trimmed, Field(max_length=300)]
Markdown = Annotated[Trimmed, AfterValidator(_markdown)]


class Words(Entry):
    """A text in its languages.

    `source` is the language that the others are translated from, by default the first of pl, en. `stale` names the
    translations that are older than it; left out, a changed source makes those stale that did not change with it.
    """

    pl: str | None = None
    en: str | None = None
    source: Locale | None = None
    stale: list[Locale] | None = None

    @property
    def by_locale(self) -> dict[str, str]:
        return {locale: text for locale in LOCALES if (text := getattr(self, locale))}

    @property
    def translated_from(self) -> str:
        return self.source or next(iter(self.by_locale), LOCALES[0])

    @model_validator(mode="after")
    def _said(self) -> Self:
        if not self.by_locale:
            raise ValueError("write it in at least one language")
        if self.translated_from not in self.by_locale:
            raise ValueError(f"has no words in its source language {self.source}")
        if not set(self.stale or ()) <= set(self.by_locale) - {self.translated_from}:
            raise ValueError("only a translation that is there can be stale")
        return self

    @classmethod
    def of(cls, text: Texts) -> Self:
        """As it is kept, with nothing left to be guessed."""
        found: dict[str, Any] = {one: words for one in LOCALES if (words := text.by_locale.get(one, "").strip())}
        found["stale"] = [locale for locale in found if text.freshness(locale) is Freshness.STALE]
        found["source"] = text.source if text.source in found else None
        return cls.model_construct(None, **found)  # type: ignore[return-value]  # pydantic's plugin names the base

    def text(self, old: Texts | None) -> Texts:
        """As it is to be kept in the place of the old one."""
        source, stale = self.translated_from, self.stale
        if old is None or old.source != source:
            new = Texts(source, self.by_locale, old.revision + 1 if old else 1)
        else:
            new = old.revised({**dict.fromkeys(old.by_locale, ""), **self.by_locale})
        if stale is None:
            return new
        return replace(new, translates={one: new.revision - (one in stale) for one in self.by_locale if one != source})

    def leaves(self) -> dict[str, Any]:
        """Each value of it, for comparing; `stale` only if something is said of it."""
        said = {**self.by_locale, "source": self.translated_from}
        return said if self.stale is None else {**said, "stale": sorted(self.stale)}

    def terse(self) -> Mapping[str, Any]:
        """Without what goes without saying."""
        source = None if self.source == next(iter(self.by_locale), None) else self.source
        said = {**self.by_locale, "source": source, "stale": self.stale or None}
        return {key: value for key, value in said.items() if value is not None}


class Name(Words):
    """A name for the public."""

    pl: Title | None = None
    en: Title | None = None


class Note(Words):
    """What the public reads beside a status."""

    pl: Remark | None = None
    en: Remark | None = None


class Description(Words):
    """A text in Markdown."""

    pl: Markdown | None = None
    en: Markdown | None = None

    def text(self, old: Texts | None) -> Prose:
        new = super().text(old)
        return prose(new.by_locale, new.source, new.revision, new.translates)
