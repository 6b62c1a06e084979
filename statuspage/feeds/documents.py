"""The feeds as documents: which there are, what each holds and depends on."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import uuid5

from statuspage.feeds import calendar
from statuspage.feeds.archives import Part, parts
from statuspage.feeds.entries import Desk, Entry
from statuspage.feeds.news import News, Told, news
from statuspage.feeds.writing import Head, atom, rss
from statuspage.i18n import translate
from statuspage.publishing.digests import digest
from statuspage.publishing.documents import Document, Library, Shelf
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import IncidentView
from statuspage.texts.rules import Texts
from statuspage.web.pages import Pages

Write = Callable[[Head, Sequence[Entry]], bytes]
FORMATS: dict[str, tuple[str, Write]] = {
    "atom": ("application/atom+xml", atom),
    "rss": ("application/rss+xml", rss),
}


@dataclass(frozen=True)
class Feed:
    """One feed: the kinds of its address and of the page it follows, what it is about (None: all), all its items in
    their documents.

    `over`: its story has ended, so it is read rarely.
    """

    kind: str
    page: str
    format: str
    parts: tuple[str, ...]
    about: Texts | None
    cut: Sequence[Part]
    over: bool = False


def library(pages: Pages) -> Library:
    """All feeds with their archives, and the calendar, in all locales."""

    told: Told = {}
    desk = Desk(pages)

    def documents(snapshot: Snapshot) -> Iterator[Document | Shelf]:
        site = digest((snapshot.brand, snapshot.site, _names(snapshot)))
        titles = [(one.public_id, one.title) for one in snapshot.incidents]
        for group in groups(snapshot, told):
            inputs = (site, group.told, titles if _promised(group.items) else [])
            yield Shelf(f"feeds of {group.name}", inputs, partial(_listed, desk, snapshot, group, site))
        yield from calendar.documents(pages, snapshot)

    return documents


@dataclass(frozen=True)
class Group:
    """Feeds that change together: `told` is what they are about and their items, the newest first."""

    name: str
    told: Any
    items: Sequence[News]
    feeds: Callable[[], Iterator[Feed]]


def groups(snapshot: Snapshot, told: Told) -> Iterator[Group]:
    """The history, each panel's feeds, each open incident's, and those of all that are over."""
    found = tuple(news(snapshot, told))
    of_panel: defaultdict[str, list[News]] = defaultdict(list)
    of_incident: defaultdict[str | None, list[News]] = defaultdict(list)
    for item in found:
        of_incident[item.incident].append(item)
        for slug in item.panels:
            of_panel[slug].append(item)
    yield Group("all", found, found, partial(_both, "", "history", (), None, found))
    for panel in snapshot.panels:
        items = of_panel[panel.slug]
        feeds = partial(_both, "panel-", "panel", (panel.slug,), panel.name, items)
        yield Group(f"panel {panel.slug}", (panel.name, items), items, feeds)
    stories = [(one, of_incident[one.public_id]) for one in snapshot.incidents]
    for one, items in (story for story in stories if story[0].is_open):
        yield _stories(f"incident {one.public_id}", [(one, items)])
    yield _stories("incidents that are over", [story for story in stories if not story[0].is_open])


def _stories(name: str, stories: Sequence[tuple[IncidentView, Sequence[News]]]) -> Group:
    """The feeds of some incidents."""
    told = [(one.public_id, one.title, one.is_open, items) for one, items in stories]
    items = [item for _, some in stories for item in some]
    return Group(name, told, items, lambda: (_story(one, some) for one, some in stories))


def _story(one: IncidentView, items: Sequence[News]) -> Feed:
    return Feed("incident-atom", "incident", "atom", (one.public_id,), one.title, parts(items), not one.is_open)


def _both(prefix: str, page: str, about: tuple[str, ...], name: Texts | None, items: Sequence[News]) -> Iterator[Feed]:
    """One feed in both formats, of the same parts."""
    cut = parts(items)
    for form in FORMATS:
        yield Feed(f"{prefix}{form}", page, form, about, name, cut)


def _names(snapshot: Snapshot) -> bytes:
    """All that an entry calls things by."""
    panels = [(panel.slug, panel.name, [cell.function for cell in panel.cells]) for panel in snapshot.panels]
    return digest((panels, [(one.slug, one.name) for one in snapshot.functions]))


def _listed(desk: Desk, snapshot: Snapshot, group: Group, site: bytes) -> Iterator[Document]:
    for feed in group.feeds():
        for part in feed.cut:
            for locale in desk.pages.locales:
                yield _document(desk, locale, snapshot, feed, part, site)


def _document(desk: Desk, locale: str, snapshot: Snapshot, feed: Feed, part: Part, site: bytes) -> Document:
    media_type, write = FORMATS[feed.format]
    subjects = [(one.public_id, one.title) for one in snapshot.incidents] if _promised(part.items) else []
    # What the head is made of stands here, not the head: thousands of feeds are looked at, few are written.
    inputs = (f"{locale} {feed.kind}", feed.parts, feed.about, part, site, subjects)
    render = partial(_render, desk, locale, snapshot, feed, part, write, site)
    archived = feed.over or part.number is not None
    return Document(
        _path(desk.pages, locale, feed, part.number), media_type, inputs, render, cross_origin=True, archived=archived
    )


def _promised(items: Iterable[News]) -> bool:
    """Whether an item names an incident as the subject of a promise."""
    return any(item.subject is not None and item.incident for item in items)


def _path(pages: Pages, locale: str, feed: Feed, number: int | None) -> str:
    """Where one part of a feed lies; None is the one people subscribe to."""
    if number is None:
        return pages.href(feed.kind, locale, *feed.parts)
    return pages.href(f"{feed.kind}-archive", locale, *feed.parts, str(number))


def _render(desk: Desk, locale: str, snapshot: Snapshot, feed: Feed, part: Part, write: Write, site: bytes) -> bytes:
    head = _head(desk.pages, locale, snapshot, feed, part)
    return write(head, [desk.entry(locale, snapshot, item, site) for item in part.items])


def _head(pages: Pages, locale: str, snapshot: Snapshot, feed: Feed, part: Part) -> Head:
    brand = snapshot.brand
    about = f" · {feed.about.read(locale).text}" if feed.about else ""

    def address(number: int | None, language: str = locale) -> str:
        return brand.base_url + _path(pages, language, feed, number)

    return Head(
        uuid=uuid5(snapshot.site, pages.href(feed.kind, locale, *feed.parts)),
        title=f"{brand.name} · Status{about}",
        subtitle=translate(locale, "What works, what does not, and when it is expected back"),
        author=brand.name,
        locale=locale,
        itself=address(part.number),
        page=brand.base_url + pages.href(feed.page, locale, *feed.parts),
        others=tuple((other, address(part.number, other)) for other in pages.locales if other != locale),
        chain=tuple((relation, address(number)) for relation, number in _chain(part)),
        archive=part.number is not None,
    )


def _chain(part: Part) -> Iterator[tuple[str, int | None]]:
    """How a part is bound to the others."""
    if part.number is not None:
        yield "current", None
    if part.before is not None:
        yield "prev-archive", part.before
    if part.after is not None:
        yield "next-archive", part.after
