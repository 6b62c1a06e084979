"""Atom and RSS as bytes, by feedgen; the only module that knows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

from statuspage.feeds.entries import Entry

# What XML 1.0 cannot hold; feedgen raises at it.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# An empty feed has no time of its own, and never says "now".
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Head:
    """What a feed says of itself. Addresses are whole; `others` are this feed in other locales."""

    uuid: UUID
    title: str
    subtitle: str
    author: str
    locale: str
    itself: str
    page: str
    others: tuple[tuple[str, str], ...]


def atom(head: Head, entries: Sequence[Entry]) -> bytes:
    found: bytes = _feed(head, entries, "application/atom+xml").atom_str()
    return found


def rss(head: Head, entries: Sequence[Entry]) -> bytes:
    found: bytes = _feed(head, entries, "application/rss+xml").rss_str()
    return found


def cleaned(words: str) -> str:
    """Text that XML can hold."""
    return ILLEGAL.sub("\ufffd", words)


def _feed(head: Head, entries: Sequence[Entry], media_type: str) -> FeedGenerator:
    feed = FeedGenerator()
    feed.id(head.uuid.urn)
    feed.title(cleaned(head.title))
    feed.subtitle(cleaned(head.subtitle))
    feed.author({"name": cleaned(head.author)})
    feed.language(head.locale)
    feed.generator("statuspage")
    # Both default to the time of day, which would make every rendering a new one.
    feed.updated(max((entry.updated for entry in entries), default=EPOCH))
    feed.lastBuildDate(max((entry.updated for entry in entries), default=EPOCH))
    feed.link(href=head.itself, rel="self", type=media_type, hreflang=head.locale)
    for locale, address in head.others:
        feed.link(href=address, rel="alternate", type=media_type, hreflang=locale)
    # The last link becomes the <link> of RSS.
    feed.link(href=head.page, rel="alternate", type="text/html", hreflang=head.locale)
    for entry in entries:
        feed.add_entry(_entry(entry, head), order="append")
    return feed


def _entry(entry: Entry, head: Head) -> FeedEntry:
    made = FeedEntry()
    made.id(entry.uuid.urn)
    made.title(cleaned(entry.title))
    made.content(cleaned(entry.html), type="html")
    made.author({"name": cleaned(head.author)})
    made.published(entry.published)
    made.updated(entry.updated)
    made.link(href=entry.link, rel="alternate", type="text/html", hreflang=head.locale)
    for term, label in entry.categories:
        made.category(term=cleaned(term), label=cleaned(label))
    return made
