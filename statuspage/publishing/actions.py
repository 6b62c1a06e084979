"""Publishes: composes the snapshot, renders what changed, swaps it in."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.db import reading, touch, transaction
from statuspage.errors import Unavailable
from statuspage.probing.queries import fell_silent
from statuspage.publishing.documents import FOREVER, Document, Library
from statuspage.publishing.pages import Page, finished
from statuspage.publishing.queries import compose_latest, revision
from statuspage.publishing.snapshot import Snapshot, dump, slot
from statuspage.publishing.store import Facts, Store, Version
from statuspage.publishing.stories import Memory
from statuspage.publishing.views import Brand
from statuspage.status.actions import record

log = structlog.get_logger()
PATIENCE = 2.0
LOCK_PATIENCE = 0.5
# Reports that come without end must not keep the worker rendering without end.
REST = 1.0
# Pages that a cache still holds name assets of earlier builds: so many of those stay.
OLD_ASSETS = 40
T = TypeVar("T")


class Publisher:
    """Publishes one site into one store, from documents that the audiences offer."""

    def __init__(self, store: Store, brand: Brand, libraries: Sequence[Library], build: str) -> None:
        """`build` names the templates and code: another build renders every document anew."""
        self.store = store
        self.brand = brand
        self.build = build
        self.libraries = libraries
        self.memory = Memory()
        self.ready: dict[str, Page] = {}

    def publish(
        self,
        patience: float = 10.0,
        *,
        unless: Callable[[Version], bool] = lambda version: False,
        sweep: bool = True,
    ) -> Version:
        """Publish what the database says now, unless something newer is out already.

        `unless` is asked once the right to write is ours: when another process was quicker, its version will do.
        """
        with self.store.writing(patience):
            before = self.store.follow()
            if unless(before):
                return before
            _date_changes(before)
            snapshot = self._composed()
            if before.revision > snapshot.revision:
                return before
            pages, failed = self._render(snapshot, before.pages)
            self.ready = {}
            next_change = snapshot.next_change_at.isoformat() if snapshot.next_change_at else None
            facts = Facts(snapshot.revision, snapshot.as_of.isoformat(), next_change, failed)
            return self.store.write(facts, pages, dump(snapshot.without_past()), sweep=sweep)

    def prepare(self) -> None:
        """Render ahead what time alone asks for, without the right to write: who posts meanwhile need not wait."""
        before = self.store.follow()
        snapshot = self._composed()
        pages, _ = self._render(snapshot, before.pages)
        self.ready = {path: page for path, page in pages.items() if page is not before.pages.get(path)}

    def _composed(self) -> Snapshot:
        with reading() as session:
            return compose_latest(session, self.brand, clock.now(), self.memory)

    def is_due(self) -> bool:
        """Whether a write, the passing of time, or the age of "as of" asks for a new version."""
        version = self.store.follow()
        if version.is_younger_than(REST):
            return False
        if self.is_overtaken(version):
            return True
        with reading() as session:
            return revision(session) > version.revision or _fell_silent(session, version)

    def is_overtaken(self, version: Version) -> bool:
        """Whether time alone asks for a newer version than this; a clock that was set back does, too."""
        now = clock.now()
        if not version.name or not slot(now) <= datetime.fromisoformat(version.as_of) <= now:
            return True
        return version.next_change_at is not None and datetime.fromisoformat(version.next_change_at) <= now

    def catch_up(self, rest: float = 0.0) -> bool:
        """After a write: publish at once, whoever else is alive. False when it is saved but not yet out.

        A caller that writes many times a second gives a `rest` in seconds between two publications.
        """
        started = time.monotonic()
        try:
            with reading() as session:
                wanted = revision(session)
            version = self.store.follow()
            if wanted > version.revision and not version.is_younger_than(rest):
                self.publish(PATIENCE, unless=lambda version: version.revision >= wanted, sweep=False)
        except (TimeoutError, Unavailable, OSError) as error:
            log.warning("publish.delayed", error=str(error), seconds=round(time.monotonic() - started, 3))
            return False
        except Exception:  # The write is saved: whatever is wrong with the page, its writer must hear so.
            log.exception("publish.failed")
            return False
        return True

    def _render(self, snapshot: Snapshot, before: Mapping[str, Page]) -> tuple[dict[str, Page], tuple[str, ...]]:
        """All pages of the snapshot, and what failed; an audience that cannot list its documents keeps what it had."""
        offered = {
            str(library): _attempt(str(library), partial(_listed, library, snapshot)) for library in self.libraries
        }
        failed = [library for library, documents in offered.items() if documents is None]
        pages = dict(before) if failed else _old_assets(before)
        for document in (document for documents in offered.values() for document in documents or ()):
            page, fresh = self._page(document, before.get(document.path), snapshot.as_of - clock.offset())
            if page is not None:
                pages[document.path] = page
            if not fresh:
                failed.append(document.path)
        return pages, tuple(failed)

    def _page(self, document: Document, before: Page | None, at: datetime) -> tuple[Page | None, bool]:
        """The finished page, and whether it is what it should be: where rendering fails, the old one stays."""
        fingerprint = f"{self.build}-{document.fingerprint}"
        if before is not None and before.entry.fingerprint == fingerprint:
            return before, True
        ready = self.ready.get(document.path)
        if ready is not None and ready.entry.fingerprint == fingerprint:
            return ready, True
        body = _attempt(document.path, document.render)
        if body is None:
            return before, False
        return finished(document, fingerprint, body, before, at), True


def _listed(library: Library, snapshot: Snapshot) -> list[Document]:
    return list(library(snapshot))


def _old_assets(before: Mapping[str, Page]) -> dict[str, Page]:
    assets = [(path, page) for path, page in before.items() if page.entry.cache == FOREVER]
    assets.sort(key=lambda pair: pair[1].entry.modified)
    return dict(assets[-OLD_ASSETS:])


def _fell_silent(session: Session, before: Version) -> bool:
    """Whether a probe is silent that was not on this version: nobody writes that, least of all a dead worker."""
    return bool(before.as_of) and fell_silent(session, datetime.fromisoformat(before.as_of), clock.now())


def _date_changes(before: Version) -> None:
    """Write down which status changed. Where the database is locked the page goes out all the same, dated later."""
    try:
        with transaction(quiet=True, patience=LOCK_PATIENCE) as session:
            if record(session, clock.now()) or _fell_silent(session, before):
                touch(session)
    except Unavailable as error:
        log.warning("publish.changes_not_dated", error=str(error))


def _attempt(what: str, make: Callable[[], T]) -> T | None:
    try:
        return make()
    except Exception:  # One page that fails must not stop the others: it keeps its last good bytes.
        log.exception("publish.render_failed", what=what)
        return None
