"""Publishes: composes the snapshot, renders what changed, swaps it in."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

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


class Publisher:
    """Publishes one site into one store, from documents that the audiences offer."""

    def __init__(self, store: Store, brand: Brand, libraries: Sequence[Library], build: str) -> None:
        """`build` names the templates and code: another build renders every document anew."""
        self.store = store
        self.brand = brand
        self.build = build
        self.libraries = libraries
        self._next_change_at: datetime | None = None

    def publish(self, patience: float = 10.0) -> Version:
        """Publish what the database says now, unless something newer is out already."""
        with self.store.writing(patience):
            with transaction(quiet=True) as session:
                record(session, clock.now())
            with reading() as session:
                snapshot = compose(session, self.brand, clock.now())
            before = self.store.follow()
            if before.revision > snapshot.revision:
                return before
            pages = self._render(snapshot, before.pages)
            self._next_change_at = snapshot.next_change_at
            return self.store.write(snapshot.revision, snapshot.as_of.isoformat(), pages, dump(snapshot))

    def is_due(self) -> bool:
        """Whether a write, the passing of time, or the age of "as of" asks for a new version."""
        version, now = self.store.follow(), clock.now()
        if not version.name or datetime.fromisoformat(version.as_of) + AS_OF_EVERY <= now:
            return True
        if self._next_change_at is not None and self._next_change_at <= now:
            return True
        with reading() as session:
            return revision(session) > version.revision

    def catch_up(self) -> bool:
        """After a write: publish at once, whoever else is alive. False when it is saved but not yet out."""
        started = time.monotonic()
        try:
            with reading() as session:
                if revision(session) <= self.store.follow().revision:
                    return True
            self.publish(PATIENCE)
        except (TimeoutError, Unavailable, OSError) as error:
            log.warning("publish.delayed", error=str(error), seconds=round(time.monotonic() - started, 3))
            return False
        return True

    def _render(self, snapshot: Snapshot, before: Mapping[str, Page]) -> dict[str, Page]:
        documents = [document for library in self.libraries for document in library(snapshot)]
        return {
            document.path: page
            for document in documents
            if (page := _page(document, self.build, before.get(document.path))) is not None
        }


def _page(document: Document, build: str, before: Page | None) -> Page | None:
    """The finished page: the old one where its inputs are the same, or where rendering fails."""
    fingerprint = f"{build}-{document.fingerprint}"
    if before is not None and before.entry.fingerprint == fingerprint:
        return before
    body = _attempt(document.path, document.render)
    if body is None:
        return before
    return finished(document, fingerprint, body)


def _attempt(path: str, render: Callable[[], bytes]) -> bytes | None:
    try:
        return render()
    except Exception:  # One page that fails must not stop the others: it keeps its last good bytes.
        log.exception("publish.render_failed", path=path)
        return None
