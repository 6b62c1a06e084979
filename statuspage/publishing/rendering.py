"""Renders the documents of a snapshot, but for those that still hold."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog

from statuspage import clock
from statuspage.publishing.documents import FOREVER, Document, Library, Shelf
from statuspage.publishing.pages import Page, finished
from statuspage.publishing.shelves import Shelves
from statuspage.publishing.snapshot import Snapshot

# Pages that a cache still holds name assets of earlier builds: so many of those stay.
OLD_ASSETS = 40
log = structlog.get_logger()
T = TypeVar("T")


@dataclass
class Offer:
    """What a library has: pages that stay as they are, and documents to be looked at, by the shelf they stand on."""

    kept: dict[str, Page] = field(default_factory=dict)
    wanted: list[tuple[Shelf | None, list[Document]]] = field(default_factory=list)


class Rendering:
    """All pages of one snapshot, those of `before` that still hold among them, and what failed.

    `late` counts the pages that wait for the next publication, as this one was in a hurry.
    """

    def __init__(
        self, build: str, snapshot: Snapshot, before: Mapping[str, Page], shelves: Shelves, *, hurried: bool = False
    ) -> None:
        self.build = build
        self.snapshot = snapshot
        self.before = before
        self.shelves = shelves
        self.hurried = hurried
        self.pages: dict[str, Page] = {}
        self.failed: list[str] = []
        self.late = 0

    def render(
        self,
        libraries: Sequence[Library],
        ready: Mapping[str, Page],
        is_called: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Render all, but for what is `ready`; an audience that cannot list its documents keeps what it had.

        Whether it came to the end before it was called away.
        """
        offered = {str(one): _attempt(str(one), partial(self._offered, one)) for one in libraries}
        self.failed = [library for library, offer in offered.items() if offer is None]
        self.pages = dict(self.before) if self.failed else _old_assets(self.before)
        for offer in offered.values():
            self.pages |= offer.kept if offer else {}
            for shelf, documents in offer.wanted if offer else ():
                if not self._fill(shelf, documents, ready, is_called):
                    return False
        return True

    def _offered(self, library: Library) -> Offer:
        offer = Offer()
        for one in library(self.snapshot):
            if isinstance(one, Document):
                offer.wanted.append((None, [one]))
            elif (pages := self.shelves.pages(one, self.build, self.before)) is not None:
                offer.kept |= pages
            else:
                offer.wanted.append((one, list(one.documents())))
        return offer

    def _fill(
        self,
        shelf: Shelf | None,
        documents: Sequence[Document],
        ready: Mapping[str, Page],
        is_called: Callable[[], bool],
    ) -> bool:
        """Take in these documents. Whether it came to the end before it was called away."""
        found: dict[str, Page] = {}
        short = len(self.failed) + self.late
        for document in documents:
            page = self._page(document, ready.get(document.path))
            if page is not None:
                found[document.path] = self.pages[document.path] = page
            if page is not self.before.get(document.path) and is_called():
                return False
        if shelf is not None and len(self.failed) + self.late == short:
            self.shelves.remember(shelf, self.build, found)
        return True

    def _page(self, document: Document, ready: Page | None) -> Page | None:
        """The finished page; where rendering fails, the old one stays."""
        fingerprint = f"{self.build}-{document.fingerprint}"
        before = self.before.get(document.path)
        for known in (before, ready):
            if known is not None and known.entry.fingerprint == fingerprint:
                return known
        if before is not None and self.hurried and _differs_in_what_can_wait(before, fingerprint):
            self.late += 1
            return before
        body = _attempt(document.path, document.render)
        if body is None:
            self.failed.append(document.path)
            return before
        return finished(document, fingerprint, body, before, self.snapshot.as_of - clock.offset())


def _differs_in_what_can_wait(page: Page, fingerprint: str) -> bool:
    return page.entry.fingerprint.partition("@")[0] == fingerprint.partition("@")[0]


def _old_assets(before: Mapping[str, Page]) -> dict[str, Page]:
    assets = [(path, page) for path, page in before.items() if page.entry.cache == FOREVER]
    assets.sort(key=lambda pair: pair[1].entry.modified)
    return dict(assets[-OLD_ASSETS:])


def _attempt(what: str, make: Callable[[], T]) -> T | None:
    try:
        return make()
    except Exception:  # One page that fails must not stop the others: it keeps its last good bytes.
        log.exception("publish.render_failed", what=what)
        return None
