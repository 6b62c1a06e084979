"""The feeds as documents: which there are, what each holds and depends on."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import uuid5

from statuspage.feeds.entries import Entry, entry
from statuspage.feeds.news import News, news
from statuspage.feeds.writing import Head, atom, rss
from statuspage.i18n import translate
from statuspage.publishing.documents import Document, Library
from statuspage.publishing.snapshot import Snapshot
from statuspage.texts.rules import Texts
from statuspage.web.pages import Pages

LONGEST = 25
Write = Callable[[Head, Sequence[Entry]], bytes]
FORMATS: dict[str, tuple[str, Write]] = {
    "atom": ("application/atom+xml", atom),
    "rss": ("application/rss+xml", rss),
}


@dataclass(frozen=True)
class Feed:
    """One feed: the kinds of its address and of the page it follows, and what it is about (None: all)."""

    kind: str
    page: str
    format: str
    parts: tuple[str, ...]
    about: Texts | None
    items: tuple[News, ...]


def library(pages: Pages) -> Library:
    """All feeds in all locales."""

    def documents(snapshot: Snapshot) -> Iterator[Document]:
        for feed in feeds(snapshot):
            for locale in pages.locales:
                yield _document(pages, locale, snapshot, feed)

    return documents


def feeds(snapshot: Snapshot) -> Iterator[Feed]:
    """The history, each panel's and each incident's, with their newest items."""
    found = news(snapshot)
    latest = tuple(found[:LONGEST])
    for kind in FORMATS:
        yield Feed(kind, "history", kind, (), None, latest)
    for panel in snapshot.panels:
        touching = tuple([item for item in found if panel.slug in item.panels][:LONGEST])
        for kind in FORMATS:
            yield Feed(f"panel-{kind}", "panel", kind, (panel.slug,), panel.name, touching)
    for incident in snapshot.incidents:
        told = tuple([item for item in found if item.incident == incident.public_id][:LONGEST])
        yield Feed("incident-atom", "incident", "atom", (incident.public_id,), incident.title, told)


def _document(pages: Pages, locale: str, snapshot: Snapshot, feed: Feed) -> Document:
    media_type, write = FORMATS[feed.format]
    names = [(panel.slug, panel.name, [cell.function for cell in panel.cells]) for panel in snapshot.panels]
    functions = [(one.slug, one.name) for one in snapshot.functions]
    subjects = [(one.public_id, one.title) for one in snapshot.incidents] if _promised(feed) else []
    head = _head(pages, locale, snapshot, feed)
    inputs = (head, [item.digest for item in feed.items], names, functions, subjects)
    render = partial(_render, pages, locale, snapshot, feed.items, head, write)
    path = pages.href(feed.kind, locale, *feed.parts)
    return Document(path, media_type, inputs, render, cross_origin=True)


def _promised(feed: Feed) -> bool:
    """Whether an item names an incident as the subject of a promise."""
    return any(item.subject is not None and item.incident for item in feed.items)


def _render(pages: Pages, locale: str, snapshot: Snapshot, items: Sequence[News], head: Head, write: Write) -> bytes:
    return write(head, [entry(pages, locale, snapshot, item) for item in items])


def _head(pages: Pages, locale: str, snapshot: Snapshot, feed: Feed) -> Head:
    brand = snapshot.brand
    about = f" · {feed.about.read(locale).text}" if feed.about else ""

    def address(kind: str, language: str) -> str:
        return brand.base_url + pages.href(kind, language, *feed.parts)

    return Head(
        uuid=uuid5(snapshot.site, pages.href(feed.kind, locale, *feed.parts)),
        title=f"{brand.name} · Status{about}",
        subtitle=translate(locale, "What works, what does not, and when it is expected back"),
        author=brand.name,
        locale=locale,
        itself=address(feed.kind, locale),
        page=address(feed.page, locale),
        others=tuple((other, address(feed.kind, other)) for other in pages.locales if other != locale),
    )
