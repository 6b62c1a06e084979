"""What a localised text is, which version a reader gets, and how Markdown becomes safe HTML."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache, lru_cache
from typing import TypeVar, cast

import nh3
from markdown_it import MarkdownIt

MARKDOWN_LIMIT = 64 * 1024
TAGS = {"p", "br", "hr", "strong", "em", "del", "code", "pre", "ul", "ol", "li", "blockquote", "a"}
TAGS |= {"h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td"}


class Freshness(StrEnum):
    """How a text stands in the reader's locale."""

    FRESH = "fresh"
    STALE = "stale"
    MISSING = "missing"


@dataclass(frozen=True)
class Reading:
    """What one reader gets: the text, the locale it is in, and whether that is theirs."""

    text: str
    locale: str
    freshness: Freshness
    html: str = ""


@dataclass(frozen=True)
class Texts:
    """One text in its locales. `translates` says which revision of the source a translation renders."""

    source: str
    by_locale: Mapping[str, str]
    revision: int = 1
    translates: Mapping[str, int] = field(default_factory=dict)

    def freshness(self, locale: str) -> Freshness:
        if not self.by_locale.get(locale):
            return Freshness.MISSING
        current = locale == self.source or self.translates.get(locale, self.revision) == self.revision
        return Freshness.FRESH if current else Freshness.STALE

    def read(self, locale: str) -> Reading:
        """The fresh text of the locale, else the source text, marked; never an empty box."""
        freshness = self.freshness(locale)
        shown = locale if freshness is Freshness.FRESH else self.source
        return Reading(self.by_locale.get(shown, ""), shown, freshness, self.html_in(shown))

    def html_in(self, locale: str) -> str:
        return ""

    def revised(self, changes: Mapping[str, str], *, translated: frozenset[str] = frozenset()) -> "Texts":
        """The text after an edit, itself where that changes nothing. A changed source makes the translations not
        touched with it stale; `translated` names locales whose unchanged words were confirmed as still right."""
        merged = {locale: text for locale, text in {**self.by_locale, **changes}.items() if text}
        revision = self.revision + (merged.get(self.source) != self.by_locale.get(self.source))
        fresh = {locale for locale in changes if changes[locale] != self.by_locale.get(locale)} | translated
        old = {locale: self.translates.get(locale, self.revision) for locale in merged if locale != self.source}
        translates = {locale: revision if locale in fresh else at for locale, at in old.items()}
        if merged == self.by_locale and translates == old:
            return self
        return replace(self, by_locale=merged, revision=revision, translates=translates)


@dataclass(frozen=True)
class Prose(Texts):
    """A localised Markdown text with its HTML, rendered once, when written."""

    html: Mapping[str, str] = field(default_factory=dict)

    def html_in(self, locale: str) -> str:
        return self.html.get(locale, "")

    def revised(self, changes: Mapping[str, str], *, translated: frozenset[str] = frozenset()) -> "Prose":
        plain = super().revised(changes, translated=translated)
        if plain is self:
            return self
        return prose(plain.by_locale, plain.source, plain.revision, plain.translates)


T = TypeVar("T", bound=Texts)


def revise(old: T, new: T | Mapping[str, str]) -> T:
    """The text after an edit: as a form made it, or the changed locales alone."""
    return new if isinstance(new, Texts) else cast("T", old.revised(new))


def texts(by_locale: Mapping[str, str], source: str = "pl") -> Texts:
    """A first revision; empty translations are left out."""
    return Texts(source, {locale: text for locale, text in by_locale.items() if text})


def prose(
    by_locale: Mapping[str, str], source: str = "pl", revision: int = 1, translates: Mapping[str, int] | None = None
) -> Prose:
    """A Markdown text with its HTML rendered; empty translations are left out."""
    kept = {locale: text for locale, text in by_locale.items() if text}
    html = {locale: to_html(text) for locale, text in kept.items()}
    return Prose(source, kept, revision, dict(translates or {}), html)


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "linkify": False}).enable(["table", "strikethrough"])


def to_html(markdown: str) -> str:
    """Markdown as inert HTML: raw HTML is shown as text, no images, no scripts, links without referrer.

    Raises ValueError past 64 KiB, as parsing 1 MB takes seconds.
    """
    if len(markdown.encode()) > MARKDOWN_LIMIT:
        raise ValueError("a text may have at most 64 KiB")
    rendered = re.sub(r"<(/?)h1>", r"<\1h2>", _parser().render(markdown))
    return nh3.clean(
        rendered,
        tags=TAGS,
        attributes={"a": {"href"}, "th": {"align"}, "td": {"align"}, "ol": {"start"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer",
    ).strip()


@lru_cache(maxsize=4096)
def to_plain(markdown: str) -> str:
    """The words of a Markdown text in one line, for summaries, titles and cards."""
    return re.sub(r"\s+", " ", to_lines(markdown))


def to_lines(markdown: str) -> str:
    """The words of a Markdown text with its lines, for where there is no HTML."""
    words = html.unescape(re.sub(r"<[^>]+>", "", to_html(markdown)))
    return re.sub(r"\s*\n\s*", "\n", words).strip()
