"""Publishes: composes the snapshot, renders what changed, swaps it in."""

import gc
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.db import reading, touch, transaction
from statuspage.errors import Unavailable
from statuspage.probing.queries import fell_silent
from statuspage.publishing.documents import Library
from statuspage.publishing.notices import without_notice
from statuspage.publishing.pages import Page
from statuspage.publishing.queries import compose_latest, revision
from statuspage.publishing.rendering import Rendering
from statuspage.publishing.shelves import Shelves
from statuspage.publishing.snapshot import Snapshot, dump, slot
from statuspage.publishing.store import Facts, Store, Version
from statuspage.publishing.stories import Memory
from statuspage.publishing.views import Brand
from statuspage.publishing.waking import wake
from statuspage.status.actions import record

log = structlog.get_logger()
PATIENCE = 2.0
LOCK_PATIENCE = 0.5
# A worker that is busy or was stopped: then the writer does it himself.
WORKER_PATIENCE = 1.0
LOOK_EVERY = 0.01
MOST_PUT_OFF = 3
# Reports that come without end must not keep the worker rendering without end.
REST = 1.0


class Publisher:
    """Publishes one site into one store, from documents that the audiences offer."""

    def __init__(self, store: Store, brand: Brand, libraries: Sequence[Library], build: str) -> None:
        """`build` names the templates and code: another build renders every document anew."""
        self.store = store
        self.brand = brand
        self.build = build
        self.libraries = libraries
        self.memory = Memory()
        self.shelves = Shelves()
        self.ready: dict[str, Page] = {}
        self.put_off = 0
        self.shown: tuple[str, Snapshot | None] = "", None

    def publish(
        self,
        patience: float = 10.0,
        *,
        unless: Callable[[Version], bool] = lambda version: False,
        hurried: bool = False,
        is_called: Callable[[], bool] = lambda: False,
    ) -> Version:
        """Publish what the database says now, unless something newer is out already.

        `unless` is asked once the right to write is ours: when another process was quicker, its version will do.
        `hurried`: somebody waits, so that pages are left to the next time which differ only in what can wait, and
        figures that are counted all the time stay as they were shown last. Else it gives way to who calls
        (`is_called`), and what is old is swept away for as long as nobody does.
        """
        with self.store.writing(patience), _no_collector():
            before = self.store.follow()
            if unless(before):
                return before
            _date_changes(before)
            whole = self._composed()
            if before.revision > whole.revision:
                return before
            snapshot = self._with_known_figures(whole, before) if hurried else whole
            made = Rendering(self.build, snapshot, without_notice(before), self.shelves, hurried=hurried)
            made.render(self.libraries, self.ready)
            if not hurried and self._puts_off(is_called):
                return before
            version = self.store.write(
                _facts(snapshot, made, whole), made.pages, dump(snapshot.without_past()), is_called
            )
            self.shown = version.name, snapshot
            # What was rendered ahead waits on: else each post would have pages with newer figures rendered again.
            self.ready = self.ready if hurried else {}
            return version

    def _puts_off(self, is_called: Callable[[], bool]) -> bool:
        """Whether what nobody waits for gives way to who calls; not for ever, or the moment that is shown grows old."""
        self.put_off = self.put_off + 1 if is_called() and self.put_off < MOST_PUT_OFF else 0
        return self.put_off > 0

    def _with_known_figures(self, whole: Snapshot, before: Version) -> Snapshot:
        """The snapshot with the figures of the version before, if we know them."""
        name, shown = self.shown
        return whole.with_figures_of(shown) if shown is not None and name == before.name else whole

    def prepare(self, is_called: Callable[[], bool] = lambda: False) -> bool:
        """Render ahead what time alone asks for, without the right to write: who posts meanwhile need not wait.

        Ends early, with what it has, as soon as it `is_called`. Whether it came to the end.
        """
        before = self.store.follow()
        with _no_collector():
            made = Rendering(self.build, self._composed(), before.pages, self.shelves)
            ended = made.render(self.libraries, self.ready, is_called)
        self.ready = {path: page for path, page in made.pages.items() if page is not before.pages.get(path)}
        return ended

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
        if not version.name or version.facts.hurried or not slot(now) <= datetime.fromisoformat(version.as_of) <= now:
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
            if wanted > version.revision and not version.is_younger_than(rest) and not self._is_done_for_us(wanted):
                self._publish_written(wanted)
        except (TimeoutError, Unavailable, OSError) as error:
            log.warning("publish.delayed", error=str(error), seconds=round(time.monotonic() - started, 3))
            return False
        except Exception:  # The write is saved: whatever is wrong with the page, its writer must hear so.
            log.exception("publish.failed")
            return False
        return True

    def publish_latest(self) -> None:
        """Publish what was written so far, for which somebody waits; not again what is out already."""
        with reading() as session:
            wanted = revision(session)
        if wanted > self.store.follow().revision:
            self._publish_written(wanted)

    def _publish_written(self, wanted: int) -> None:
        self.publish(PATIENCE, unless=lambda version: version.revision >= wanted, hurried=True, is_called=lambda: True)

    def _is_done_for_us(self, wanted: int) -> bool:
        """Whether a worker of this machine heard of the write and published it: it has the other pages at hand."""
        if not wake(self.store.folder):
            return False
        deadline = time.monotonic() + WORKER_PATIENCE
        while self.store.follow().revision < wanted:
            if time.monotonic() > deadline:
                return False
            time.sleep(LOOK_EVERY)
        return True


@contextmanager
def _no_collector() -> Iterator[None]:
    """Many objects are made at once and none in a circle: the collector would look through all of them in vain."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _facts(snapshot: Snapshot, made: Rendering, whole: Snapshot) -> Facts:
    """What the version says of itself; it is hurried while it shows less than the `whole`."""
    next_change = snapshot.next_change_at.isoformat() if snapshot.next_change_at else None
    held_back = (snapshot.panels, snapshot.latency) != (whole.panels, whole.latency)
    hurried = made.late > 0 or held_back
    return Facts(snapshot.revision, snapshot.as_of.isoformat(), next_change, tuple(made.failed), hurried)


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
