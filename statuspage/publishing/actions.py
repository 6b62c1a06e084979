"""Publishes: composes the snapshot, renders what changed, swaps it in."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

import structlog

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.errors import Unavailable
from statuspage.publishing.documents import Document, Library
from statuspage.publishing.queries import compose, revision
from statuspage.publishing.snapshot import Brand, Snapshot, dump
from statuspage.publishing.store import Page, Store, Version, finished
from statuspage.status.actions import record

log = structlog.get_logger()
AS_OF_EVERY = timedelta(seconds=30)
PATIENCE = 2.0
LOCK_PATIENCE = 0.5
# Reports that come without end must not keep the worker rendering without end.
REST = 1.0
T = TypeVar("T")


class Publisher:
    """Publishes one site into one store, from documents that the audiences offer."""

    def __init__(self, store: Store, brand: Brand, libraries: Sequence[Library], build: str) -> None:
        """`build` names the templates and code: another build renders every document anew."""
        self.store = store
        self.brand = brand
        self.build = build
        self.libraries = libraries

    def publish(self, patience: float = 10.0, *, wanted: int | None = None) -> Version:
        """Publish what the database says now, unless something newer is out already.

        `wanted` is the revision that the caller needs out: when another process was quicker, that will do.
        """
        with self.store.writing(patience):
            before = self.store.follow()
            if wanted is not None and before.revision >= wanted:
                return before
            _date_changes()
            with reading() as session:
                snapshot = compose(session, self.brand, clock.now())
            if before.revision > snapshot.revision:
                return before
            pages = self._render(snapshot, before.pages)
            return self.store.write(
                snapshot.revision,
                snapshot.as_of.isoformat(),
                pages,
                dump(snapshot),
                next_change_at=snapshot.next_change_at.isoformat() if snapshot.next_change_at else None,
            )

    def is_due(self) -> bool:
        """Whether a write, the passing of time, or the age of "as of" asks for a new version."""
        version, now = self.store.follow(), clock.now()
        if version.is_younger_than(REST):
            return False
        if not version.name or datetime.fromisoformat(version.as_of) + AS_OF_EVERY <= now:
            return True
        if version.next_change_at is not None and datetime.fromisoformat(version.next_change_at) <= now:
            return True
        with reading() as session:
            return revision(session) > version.revision

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
                self.publish(PATIENCE, wanted=wanted)
        except (TimeoutError, Unavailable, OSError) as error:
            log.warning("publish.delayed", error=str(error), seconds=round(time.monotonic() - started, 3))
            return False
        except Exception:  # The write is saved: whatever is wrong with the page, its writer must hear so.
            log.exception("publish.failed")
            return False
        return True

    def _render(self, snapshot: Snapshot, before: Mapping[str, Page]) -> dict[str, Page]:
        """All pages of the snapshot; of an audience that cannot even list its documents, what it had."""
        offered = [_attempt(str(library), partial(_listed, library, snapshot)) for library in self.libraries]
        pages = dict(before) if None in offered else {}
        for document in (document for documents in offered for document in documents or ()):
            page = _page(document, self.build, before.get(document.path))
            if page is not None:
                pages[document.path] = page
        return pages


def _listed(library: Library, snapshot: Snapshot) -> list[Document]:
    return list(library(snapshot))


def _date_changes() -> None:
    """Write down which status changed. Where the database is locked the page goes out all the same, dated later."""
    try:
        with transaction(quiet=True, patience=LOCK_PATIENCE) as session:
            record(session, clock.now())
    except Unavailable as error:
        log.warning("publish.changes_not_dated", error=str(error))


def _page(document: Document, build: str, before: Page | None) -> Page | None:
    """The finished page: the old one where its inputs are the same, or where rendering fails."""
    fingerprint = f"{build}-{document.fingerprint}"
    if before is not None and before.entry.fingerprint == fingerprint:
        return before
    body = _attempt(document.path, document.render)
    if body is None:
        return before
    return finished(document, fingerprint, body, before)


def _attempt(what: str, make: Callable[[], T]) -> T | None:
    try:
        return make()
    except Exception:  # One page that fails must not stop the others: it keeps its last good bytes.
        log.exception("publish.render_failed", what=what)
        return None
