"""An item of news as an entry in one locale: its title in words, its HTML, its links."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID, uuid5

from statuspage import phrases
from statuspage.feeds.news import News
from statuspage.i18n import noop, translate
from statuspage.incidents.rules import Stage
from statuspage.panels.rules import Status
from statuspage.publishing.digests import digest
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import Change
from statuspage.texts.rules import Texts
from statuspage.web.pages import Pages

# About as many as all first pages of all feeds hold.
KEPT = 1000
LOCAL_LINK = re.compile(r'href="/(?!/)')
CATEGORIES = {
    "update": ("incident", noop("incident")),
    "postmortem": ("post-mortem", noop("what happened and what changes")),
    "promise": ("estimate", noop("expected return")),
    "closing": ("estimate", noop("expected return")),
    "planned": ("maintenance", noop("planned work")),
    "work": ("maintenance", noop("planned work")),
    "guide": ("guide", noop("guide")),
    "progress": ("restoration", noop("restoration")),
}


@dataclass(frozen=True)
class Entry:
    """One entry, ready for Atom and RSS. `categories` are pairs of term and label."""

    uuid: UUID
    title: str
    html: str
    published: datetime
    updated: datetime
    link: str
    categories: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Said:
    """What an update says of some functions of one panel alike."""

    panel: str
    functions: tuple[str, ...]
    status: str
    note: Texts | None


class Desk:
    """Writes entries, and keeps those of updates: each stands in the feeds of the history, its incident, its panels."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self.kept: dict[tuple[str, bytes, bytes], Entry] = {}

    def entry(self, locale: str, snapshot: Snapshot, item: News, site: bytes) -> Entry:
        """The entry of one item; `site` names all else that the entry of an update is made of."""
        if item.kind != "update":
            return entry(self.pages, locale, snapshot, item)
        name = locale, digest(item), site
        if name not in self.kept:
            if len(self.kept) >= KEPT:
                self.kept.clear()
            self.kept[name] = entry(self.pages, locale, snapshot, item)
        return self.kept[name]


def entry(pages: Pages, locale: str, snapshot: Snapshot, item: News) -> Entry:
    """The entry of one item of news for readers of `locale`."""
    brand = snapshot.brand
    title = _title(locale, snapshot, item)
    words = {"item": item, "about": item.about, "title": title, **_words(locale, snapshot, item)}
    html = pages.render(locale, f"feeds/{item.kind}.html", **words)
    kind, label = CATEGORIES["postmortem" if _is_postmortem(item) else item.kind]
    named = [snapshot.panel_by_slug[slug] for slug in item.panels if slug in snapshot.panel_by_slug]
    place = "#post-mortem" if _is_postmortem(item) else f"#u-{item.sequence}"
    anchor = {"update": place, "progress": "#restoration"}.get(item.kind, "")
    return Entry(
        uuid=uuid5(item.uuid, locale),
        title=title,
        html=LOCAL_LINK.sub(f'href="{brand.base_url}/', html).strip(),
        published=item.published,
        updated=item.updated,
        link=f"{brand.base_url}{pages.href(item.address[0], locale, *item.address[1:])}{anchor}",
        categories=(
            (kind, translate(locale, label)),
            *((panel.slug, panel.name.read(locale).text) for panel in named),
        ),
    )


def _is_postmortem(item: News) -> bool:
    return item.kind == "update" and item.about.status is Stage.POSTMORTEM


def _title(locale: str, snapshot: Snapshot, item: News) -> str:
    if item.subject is not None:
        zone, words = snapshot.brand.zone, phrases.subject(locale, snapshot, *item.subject)
        if item.kind == "closing":
            return f"{words}: {phrases.closed(locale, item.about, zone)}"
        return f"{words}: {phrases.expected(locale, item.about, zone)}"
    if item.kind == "progress":
        return phrases.restored(locale, snapshot, item.about)
    assert item.title is not None
    title = item.title.read(locale).text
    described: dict[str, Callable[[], str]] = {
        "update": lambda: f"{title} — {translate(locale, phrases.STAGES[item.about.status])}",
        "planned": lambda: translate(locale, "Planned work: %(title)s", title=title),
        "work": lambda: f"{title} — {translate(locale, phrases.PHASES[item.about.phase])}",
        "guide": lambda: translate(locale, _guide(item), title=title),
    }
    return described[item.kind]()


def _guide(item: News) -> str:
    changed = item.about.changed_at > item.about.published_at
    return noop("Guide, changed: %(title)s") if changed else noop("Guide: %(title)s")


def _words(locale: str, snapshot: Snapshot, item: News) -> dict[str, Any]:
    """What the template of this kind needs beside the item itself."""
    if item.kind == "promise":
        return {"promise": item.about[-1]}
    if item.kind == "update":
        return {"said": _said(locale, snapshot, item.about.changes)}
    return {}


def _said(locale: str, snapshot: Snapshot, changes: Iterable[Change]) -> list[Said]:
    """Changes in a few lines: functions of one panel with the same status and note stand together."""

    def alike(change: Change) -> tuple[str, Status, str]:
        return change.panel, change.status, change.note.read(locale).text if change.note else ""

    lines = []
    for (slug, status, _), group in groupby(sorted(changes, key=alike), alike):
        found = list(group)
        panel = snapshot.panel_by_slug.get(slug)
        named = {change.function for change in found}
        whole = panel is not None and named == {cell.function for cell in panel.cells}
        functions = (
            () if whole else tuple(one.name.read(locale).text for one in snapshot.functions if one.slug in named)
        )
        name = panel.name.read(locale).text if panel else slug
        lines.append(Said(name, functions, translate(locale, phrases.STATUSES[status]), found[0].note))
    return lines
