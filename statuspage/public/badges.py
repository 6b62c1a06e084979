"""Badges: the state in a few words as a picture, and as JSON for shields.io."""

import json
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial

from statuspage.i18n import noop, translate, translate_plural
from statuspage.public.contents import names
from statuspage.public.sentences import Standing, standing
from statuspage.publishing.documents import Document, Shelf
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.pages import Pages

# White words on these are read well (at least 4.5:1); the same as on the pages.
COLOURS = {
    Standing.DOWN: "c0232c",
    Standing.PARTLY: "b04a00",
    Standing.LIMITED: "b04a00",
    Standing.SLOW: "8a6100",
    Standing.UNKNOWN: "5c6773",
    Standing.MAINTENANCE: "1f5fae",
    Standing.WORKS: "1a7f37",
}
WORDS = {
    Standing.DOWN: noop("down"),
    Standing.PARTLY: noop("works only in part"),
    Standing.LIMITED: noop("works, with limits"),
    Standing.SLOW: noop("works, slower than usual"),
    Standing.UNKNOWN: noop("no data"),
    Standing.MAINTENANCE: noop("planned work"),
    Standing.WORKS: noop("works"),
}
# shields.io asks no more often than this.
SHIELDS_SECONDS = 300
PADDING = 6
# What letters take at 11 px in the usual sans-serif fonts; `textLength` makes any font keep to it.
NARROW, WIDE = frozenset("fijlrtI.,:;·|!'()[] "), frozenset("mwMW@%")
WIDTHS = {"narrow": 4.0, "usual": 6.6, "capital": 7.7, "wide": 10.2}


@dataclass(frozen=True)
class Badge:
    """Who, and how they stand."""

    label: str
    message: str
    color: str
    is_error: bool


def shelf(pages: Pages, locale: str, snapshot: Snapshot) -> Shelf:
    """All badges in one language."""
    keys = names(snapshot).keys
    standings = [standing(panel, keys) for panel in snapshot.panels]
    inputs = (snapshot.brand, standings, [(panel.slug, panel.name) for panel in snapshot.panels])
    return Shelf(f"badges-{locale}", inputs, partial(documents, pages, locale, snapshot, standings))


def documents(pages: Pages, locale: str, snapshot: Snapshot, standings: Sequence[Standing]) -> Iterator[Document]:
    """The badge of the whole and one a panel, each as SVG and as JSON."""
    whole = _badge(snapshot.brand.name, _together(locale, standings), _worst(standings))
    yield from _both(pages, locale, whole, "badge")
    for panel, one in zip(snapshot.panels, standings, strict=True):
        badge = _badge(panel.name.read(locale).text, translate(locale, WORDS[one]), one)
        yield from _both(pages, locale, badge, "panel-badge", panel.slug)


def _both(pages: Pages, locale: str, badge: Badge, kind: str, *parts: str) -> Iterator[Document]:
    for name, media_type, render in ((kind, "image/svg+xml", _svg), (f"{kind}-json", "application/json", _json)):
        path = pages.href(name, locale, *parts)
        inputs = (locale, badge)
        yield Document(path, media_type, inputs, partial(render, pages, locale, badge), cross_origin=True)


def _badge(label: str, message: str, one: Standing) -> Badge:
    return Badge(label, message, COLOURS[one], one is Standing.DOWN)


def _worst(standings: Sequence[Standing]) -> Standing:
    return next((one for one in Standing if one in standings), Standing.WORKS)


def _together(locale: str, standings: Sequence[Standing]) -> str:
    """How all panels stand; where some are down, how many, since the others may well work."""
    found, down = _worst(standings), standings.count(Standing.DOWN)
    if found is Standing.DOWN and down < len(standings):
        return translate_plural(
            locale, "%(num)s of %(all)s panels down", "%(num)s of %(all)s panels down", down, all=len(standings)
        )
    if found is Standing.UNKNOWN and len(set(standings)) > 1:
        return translate(locale, "no full data")
    return translate(locale, WORDS[found])


def width(text: str) -> int:
    """About how many pixels a text takes; a letter with a diacritic is as wide as without."""
    return round(sum(_width(unicodedata.normalize("NFD", sign)[0].replace("ł", "l")) for sign in text))


def _width(sign: str) -> float:
    if sign in NARROW:
        return WIDTHS["narrow"]
    if sign in WIDE:
        return WIDTHS["wide"]
    return WIDTHS["capital"] if sign.isupper() else WIDTHS["usual"]


def _svg(pages: Pages, locale: str, badge: Badge) -> bytes:
    sizes = {"left": width(badge.label), "right": width(badge.message), "padding": PADDING}
    return pages.render(locale, "public/badge.svg", badge=badge, **sizes).encode()


def _json(pages: Pages, locale: str, badge: Badge) -> bytes:
    told = asdict(badge)
    told["isError"] = told.pop("is_error")
    return json.dumps({"schemaVersion": 1, **told, "cacheSeconds": SHIELDS_SECONDS}, ensure_ascii=False).encode()
