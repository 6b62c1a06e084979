"""The public pages as documents: which there are, and what each depends on."""

import mimetypes
from collections.abc import Iterator
from functools import partial
from typing import Any

from statuspage.publishing.documents import FOREVER, Document, Library
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.pages import Pages


def library(pages: Pages) -> Library:
    """All public pages in all locales, and the assets they use."""

    def documents(snapshot: Snapshot) -> Iterator[Document]:
        yield from _assets(pages)
        for locale in pages.locales:
            yield from _pages(pages, locale, snapshot)

    return documents


def _assets(pages: Pages) -> Iterator[Document]:
    assets = pages.assets
    for name, hashed in assets.names.items():
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        yield Document(f"/static/{hashed}", media_type, hashed, (assets.folder / name).read_bytes, FOREVER)


def _pages(pages: Pages, locale: str, snapshot: Snapshot) -> Iterator[Document]:
    def page(kind: str, template: str, *parts: str, inputs: Any, **context: Any) -> Document:
        here = {"kind": kind, "parts": parts}
        render = partial(_render, pages, locale, template, snapshot=snapshot, here=here, **context)
        return Document(pages.href(kind, locale, *parts), "text/html", (locale, inputs), render)

    yield page("overview", "public/overview.html", inputs=snapshot)


def _render(pages: Pages, locale: str, template: str, **context: Any) -> bytes:
    return pages.render(locale, template, **context).encode()
