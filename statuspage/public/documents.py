"""The public pages as documents: which there are, and what each depends on."""

import mimetypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

from statuspage.public import badges, contents, now, sitemap
from statuspage.public.contents import Context
from statuspage.public.sentences import Sentences
from statuspage.publishing.digests import digest
from statuspage.publishing.documents import FOREVER, Document, Library, Shelf
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import IncidentView
from statuspage.web.pages import Pages


@dataclass(frozen=True)
class Here:
    """Which page this is, so that it can link to itself in the other languages."""

    kind: str
    parts: tuple[str, ...] = ()


def library(pages: Pages) -> Library:
    """All public pages in all locales, the assets they use, and the map of them all."""
    for locale in pages.locales:
        pages.environments[locale].globals["say"] = Sentences(locale, pages.zone)

    def documents(snapshot: Snapshot) -> Iterator[Document | Shelf]:
        yield Shelf("assets", tuple(pages.assets.names.items()), partial(_assets, pages))
        yield Document("/brand.css", "text/css", snapshot.brand.accent, partial(_brand_css, snapshot.brand.accent))
        yield now.document(pages, snapshot)
        for sheet in sheets(snapshot):
            yield from in_all_languages(pages, sheet)
        yield from _past(pages, snapshot)
        for locale in pages.locales:
            yield badges.shelf(pages, locale, snapshot)
        yield from sitemap.documents(pages, snapshot)

    return documents


def _past(pages: Pages, snapshot: Snapshot) -> Iterator[Shelf]:
    """Pages of what is over: many, and most changes leave them all alone."""
    common = contents.common(snapshot)
    over = [one for one in snapshot.incidents if not one.is_open]
    behind = [contents.behind(snapshot, one) for one in over]

    def shelf(name: str, inputs: Any, sheets: Callable[[], Iterator[Sheet]]) -> Shelf:
        return Shelf(
            name, (common, inputs), lambda: (one for sheet in sheets() for one in in_all_languages(pages, sheet))
        )

    yield shelf("incidents that are over", behind, lambda: (closed(snapshot, one, common) for one in over))
    yield shelf("history", contents.past(snapshot), lambda: history(snapshot, common))


def _assets(pages: Pages) -> Iterator[Document]:
    assets = pages.assets
    for name, hashed in assets.names.items():
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield Document(f"/static/{hashed}", media_type, hashed, (assets.folder / name).read_bytes, FOREVER)


def _brand_css(accent: str) -> bytes:
    """The owner's colour, which no inline style may set."""
    return f":root{{--brand:{accent}}}\n".encode()


@dataclass(frozen=True)
class Sheet:
    """One page before it is in a language. `inputs` is what its context is made of, or the context itself.

    `stamp` is the moment that it shows.
    """

    here: Here
    context: Callable[[], Context]
    inputs: Any
    stamp: datetime | None = None
    archived: bool = False
    framed: bool = False


def sheets(snapshot: Snapshot) -> Iterator[Sheet]:
    """All pages of a snapshot but those of what is over."""
    sheet = partial(_sheet, contents.common(snapshot))
    yield sheet("overview", contents.overview(snapshot))
    for incident in snapshot.open_incidents:
        yield sheet("incident", contents.incident(snapshot, incident), incident.public_id)
    for panel in snapshot.panels:
        yield sheet("panel", contents.panel(snapshot, panel), panel.slug)
    for work in snapshot.maintenance:
        yield sheet("maintenance", contents.maintenance(snapshot, work), work.public_id)
    yield sheet("faq", contents.faq(snapshot))
    for article in snapshot.articles:
        yield sheet("article", contents.article(snapshot, article), article.slug)
    yield sheet("which-panel", contents.which_panel(snapshot))
    yield sheet("recovery", contents.recovery(snapshot))
    yield sheet("subscribe", {})
    yield sheet("embed", contents.embed(snapshot), framed=True)
    yield sheet("not-found", {})


def closed(snapshot: Snapshot, incident: IncidentView, common: Context) -> Sheet:
    """The page of an incident that is over."""
    inputs, here = (common, contents.behind(snapshot, incident)), Here("incident", (incident.public_id,))
    return Sheet(here, lambda: {**common, **contents.incident(snapshot, incident)}, inputs, archived=True)


def history(snapshot: Snapshot, common: Context) -> Iterator[Sheet]:
    """The history and its months."""
    yield _sheet(common, "history", contents.history(snapshot))
    for month, context in contents.months(snapshot):
        yield _sheet(common, "month", context, f"{month:%Y-%m}", archived=is_old(month, snapshot))


def _sheet(
    common: Context, kind: str, context: Context, *parts: str, archived: bool = False, framed: bool = False
) -> Sheet:
    whole = {**common, **context}
    inputs = [pair for pair in sorted(whole.items()) if pair[0] != "as_of"]
    return Sheet(Here(kind, parts), lambda: whole, inputs, whole.get("as_of"), archived, framed)


def is_old(month: date, snapshot: Snapshot) -> bool:
    """Whether a month lies before the last one: few still read it."""
    today = snapshot.as_of.astimezone(snapshot.brand.zone).date()
    return (today.year - month.year) * 12 + today.month - month.month > 1


def in_all_languages(pages: Pages, sheet: Sheet) -> Iterator[Document]:
    """One page: the template is named like its kind, and what it is made of is all it depends on."""
    content = digest(sheet.inputs)
    for locale in pages.locales:
        yield Document(
            path=pages.href(sheet.here.kind, locale, *sheet.here.parts),
            media_type="text/html",
            inputs=(locale, sheet.here, content),
            render=partial(_render, pages, locale, sheet),
            archived=sheet.archived,
            framed=sheet.framed,
            later=sheet.stamp,
        )


def _render(pages: Pages, locale: str, sheet: Sheet) -> bytes:
    return render_page(pages, locale, sheet.here, sheet.context())


def render_page(pages: Pages, locale: str, here: Here, context: Context) -> bytes:
    template = f"public/{here.kind.replace('-', '_')}.html"
    return pages.render(locale, template, here=here, **context).encode()
