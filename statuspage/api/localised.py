"""Texts in our languages: the shapes they come in, and how a change meets what is there."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from statuspage.errors import FieldError, Invalid
from statuspage.shapes import Shape, one_line
from statuspage.texts.rules import MARKDOWN_LIMIT, Prose, T, Texts, prose, texts
from statuspage.web.gate import clean

LOCALES = ("pl", "en")
Locale = Literal["pl", "en"]


def _markdown(words: str) -> str:
    try:
        words = clean(words)
    except Invalid as error:
        raise ValueError(error.fields[0].reason) from None
    if not words.strip():
        raise ValueError("must not be blank: null takes a translation away")
    if len(words.encode()) > MARKDOWN_LIMIT:
        raise ValueError(f"is too long: {len(words.encode())} bytes of at most {MARKDOWN_LIMIT}")
    return words


def _line(words: str) -> str:
    return one_line(words).strip()


Name = Annotated[str, Field(min_length=1, max_length=60), AfterValidator(_line)]
Title = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_line)]
Quote = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_line)]
Markdown = Annotated[str, Field(min_length=1, max_length=MARKDOWN_LIMIT), AfterValidator(_markdown)]


class Localised(Shape):
    """A text. `source` is the language that it was written in: the first that is given, if nothing is said."""

    source: Locale | None = None

    @property
    def given(self) -> dict[str, str]:
        """The words by language; empty where null takes a translation away."""
        return {locale: getattr(self, locale) or "" for locale in LOCALES if locale in self.model_fields_set}

    @property
    def origin(self) -> str:
        """The language that the others are translated from."""
        return self.source or next((locale for locale, words in self.given.items() if words), LOCALES[0])

    def texts(self, path: str) -> Texts:
        """A first text, found at `path`."""
        return texts(self._first(path), self.origin)

    def prose(self, path: str) -> Prose:
        """A first text in Markdown, found at `path`."""
        return prose(self._first(path), self.origin)

    def _first(self, path: str) -> dict[str, str]:
        if not self.given.get(self.origin):
            raise _wrong(f"{path}/{self.origin}", "write it in the language of its source, which this one is")
        return self.given


class NameShape(Localised):
    """A few words in our languages."""

    pl: Name | None = None
    en: Name | None = None


class TitleShape(Localised):
    """One line in our languages, of up to 200 characters."""

    pl: Title | None = None
    en: Title | None = None


class QuoteShape(Localised):
    """What somebody said, in our languages."""

    pl: Quote | None = None
    en: Quote | None = None


class ProseShape(Localised):
    """Markdown in our languages, of up to 64 KiB each."""

    pl: Markdown | None = None
    en: Markdown | None = None


def changed(path: str, old: T, new: Localised | None) -> T:
    """The text after a change. A language that is left out stays; one that is sent counts as a right translation."""
    if new is None:
        return old
    if new.source and new.source != old.source:
        raise _wrong(f"{path}/source", f"this text was written in {old.source}, and that stays")
    if new.given.get(old.source) == "":
        raise _wrong(f"{path}/{old.source}", "the others are translated from this language: it cannot be taken away")
    revised = old.revised(new.given, translated=frozenset(new.given) - {old.source})
    assert isinstance(revised, type(old))
    return revised


def _wrong(path: str, reason: str) -> Invalid:
    return Invalid("Some fields are wrong.", (FieldError(path, reason),))
