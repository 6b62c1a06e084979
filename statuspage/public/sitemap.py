"""What crawlers are told: the map of all public pages in all languages, and where they need not look."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from statuspage.public import contents
from statuspage.publishing.documents import Document, Shelf
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import Brand
from statuspage.web.pages import Pages

PLAIN = ("overview", "history", "faq", "which-panel", "recovery", "subscribe", "api-docs")
PRIVATE = ("recovery-my", "recovery-key", "recovery-link")


@dataclass(frozen=True)
class Place:
    """One page, in whichever language, and when it was last changed, where that is known."""

    kind: str
    parts: tuple[str, ...] = ()
    changed_at: datetime | None = None


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document | Shelf]:
    brand, panels = snapshot.brand, [panel.slug for panel in snapshot.panels]
    inputs = (brand, panels, snapshot.maintenance, snapshot.articles, contents.past(snapshot))
    yield Shelf("site map", inputs, partial(_map, pages, snapshot))
    robots = partial(_robots, pages, brand)
    yield Document(pages.href("robots", brand.default_locale), "text/plain", brand, robots)


def _map(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    found, brand = tuple(places(snapshot)), snapshot.brand
    path, render = pages.href("sitemap", brand.default_locale), partial(_site_map, pages, brand, found)
    yield Document(path, "application/xml", brand, render, archived=True, later=found)


def places(snapshot: Snapshot) -> Iterator[Place]:
    """All pages that anybody may find."""
    yield from (Place(kind) for kind in PLAIN)
    yield from (Place("panel", (panel.slug,)) for panel in snapshot.panels)
    yield from (Place("incident", (one.public_id,), one.told_at) for one in snapshot.incidents)
    yield from (Place("maintenance", (one.public_id,), one.told_at) for one in snapshot.maintenance)
    yield from (Place("month", (f"{month:%Y-%m}",), page["changed_at"]) for month, page in contents.months(snapshot))
    yield from (Place("article", (one.slug,), one.changed_at) for one in snapshot.articles)


def _site_map(pages: Pages, brand: Brand, found: tuple[Place, ...]) -> bytes:
    return pages.render(brand.default_locale, "public/sitemap.xml", brand=brand, places=found).encode()


def _robots(pages: Pages, brand: Brand) -> bytes:
    private = [pages.href(kind, locale, "") for locale in pages.locales for kind in PRIVATE]
    hidden = [f"Disallow: {path.replace('//', '/')}" for path in ("/staff/", "/api/v1/", *private)]
    site_map = brand.base_url + pages.href("sitemap", brand.default_locale)
    return "\n".join(["User-agent: *", *hidden, "Allow: /", "", f"Sitemap: {site_map}", ""]).encode()
