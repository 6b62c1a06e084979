"""The public pages as documents: which there are, and what each depends on."""

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from statuspage.public import badges, contents, now, sitemap
from statuspage.public.contents import Context
from statuspage.public.sentences import Sentences
from statuspage.publishing.documents import FOREVER, Document, Library
from statuspage.publishing.snapshot import Snapshot
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

    def documents(snapshot: Snapshot) -> Iterator[Document]:
        yield from _assets(pages)
        yield Document("/brand.css", "text/css", snapshot.brand.accent, partial(_brand_css, snapshot.brand.accent))
        yield now.document(pages, snapshot)
        for locale in pages.locales:
            yield from _pages(pages, locale, snapshot)
            yield from badges.documents(pages, locale, snapshot)
        yield from sitemap.documents(pages, snapshot)

    return documents


def _assets(pages: Pages) -> Iterator[Document]:
    assets = pages.assets
    for name, hashed in assets.names.items():
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield Document(f"/static/{hashed}", media_type, hashed, (assets.folder / name).read_bytes, FOREVER)


def _brand_css(accent: str) -> bytes:
    """The owner's colour, which no inline style may set."""
    return f":root{{--brand:{accent}}}\n".encode()


def _pages(pages: Pages, locale: str, snapshot: Snapshot) -> Iterator[Document]:
    common = contents.common(snapshot)

    def page(kind: str, context: Context, *parts: str, archived: bool = False) -> Document:
        return document(pages, locale, Here(kind, parts), {**common, **context}, archived=archived)

    yield page("overview", contents.overview(snapshot))
    for incident in snapshot.incidents:
        context = contents.incident(snapshot, incident)
        yield page("incident", context, incident.public_id, archived=not incident.is_open)
    for panel in snapshot.panels:
        yield page("panel", contents.panel(snapshot, panel), panel.slug)
    for work in snapshot.maintenance:
        yield page("maintenance", contents.maintenance(snapshot, work), work.public_id)
    yield page("history", contents.history(snapshot))
    for month, context in contents.months(snapshot):
        yield page("month", context, f"{month:%Y-%m}", archived=is_old(month, snapshot))
    yield page("faq", contents.faq(snapshot))
    for article in snapshot.articles:
        yield page("article", contents.article(snapshot, article), article.slug)
    yield page("which-panel", contents.which_panel(snapshot))
    yield page("recovery", contents.recovery(snapshot))
    yield page("subscribe", {})
    yield replace(page("embed", contents.embed(snapshot)), framed=True)
    yield page("not-found", {})


def is_old(month: date, snapshot: Snapshot) -> bool:
    """Whether a month lies before the last one: few still read it."""
    today = snapshot.as_of.astimezone(snapshot.brand.zone).date()
    return (today.year - month.year) * 12 + today.month - month.month > 1


def document(pages: Pages, locale: str, here: Here, context: Context, *, archived: bool = False) -> Document:
    """One page: the template is named like its kind, and the context is all it depends on."""
    inputs = (locale, here, sorted(context.items()))
    render = partial(render_page, pages, locale, here, context)
    return Document(pages.href(here.kind, locale, *here.parts), "text/html", inputs, render, archived=archived)


def render_page(pages: Pages, locale: str, here: Here, context: Context) -> bytes:
    template = f"public/{here.kind.replace('-', '_')}.html"
    return pages.render(locale, template, here=here, **context).encode()
