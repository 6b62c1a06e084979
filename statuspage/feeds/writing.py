"""Atom and RSS as bytes, by feedgen; the only module that knows it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID

from feedgen.entry import FeedEntry
from feedgen.ext.base import BaseExtension
from feedgen.feed import FeedGenerator
from feedgen.util import xml_elem

from statuspage.feeds.entries import Entry

# What XML 1.0 cannot hold; feedgen raises at it.
ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# An empty feed has no time of its own, and never says "now".
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HISTORY = "http://purl.org/syndication/history/1.0"
ATOM = "http://www.w3.org/2005/Atom"


@dataclass(frozen=True)
class Head:
    """What a feed says of itself. Addresses are whole; `others` are this feed in other locales.

    `chain` are the links of RFC 5005 by their relation; an `archive` is one of the documents they lead to.
    """

    uuid: UUID
    title: str
    subtitle: str
    author: str
    locale: str
    itself: str
    page: str
    others: tuple[tuple[str, str], ...]
    chain: tuple[tuple[str, str], ...] = ()
    archive: bool = False


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
    for relation, address in head.chain:
        feed.link(href=address, rel=relation, type=media_type)
    # The last link becomes the <link> of RSS.
    feed.link(href=head.page, rel="alternate", type="text/html", hreflang=head.locale)
    feed.register_extension("history", partial(History, head), BaseExtension)
    for entry in entries:
        feed.add_entry(_entry(entry, head), order="append")
    return feed


class History(BaseExtension):  # type: ignore[misc]  # feedgen has no types
    """RFC 5005: marks an archive as such, and gives RSS the links that Atom has by itself."""

    def __init__(self, head: Head) -> None:
        self.head = head

    def extend_ns(self) -> dict[str, str]:
        return {"fh": HISTORY} if self.head.archive else {}

    def extend_atom(self, feed: Any) -> Any:
        if self.head.archive:
            xml_elem(f"{{{HISTORY}}}archive", feed)
        return feed

    def extend_rss(self, feed: Any) -> Any:
        (channel,) = feed
        self.extend_atom(channel)
        for relation, address in self.head.chain:
            xml_elem(f"{{{ATOM}}}link", channel, href=address, rel=relation, type="application/rss+xml")
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
