"""The published folder and its copy in memory: immutable versions, swapped in by renaming one link.

`<public>/current` is a link to `versions/<number>/`, the whole site as files (with .gz and .br beside each).
"""

import errno
import fcntl
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path
from typing import IO, Any

import structlog

from statuspage.publishing import trees
from statuspage.publishing.pages import Page
from statuspage.publishing.snapshot import Snapshot, load
from statuspage.publishing.trees import NOTHING, Draft, Shown, arranged, sync

log = structlog.get_logger()
KEPT_VERSIONS = 4


@dataclass(frozen=True)
class Facts:
    """What a version says of itself.

    `next_change_at` is when time alone makes another; `failed` are the documents that kept their old bytes;
    `hurried` says that some wait for the next version, which is due at once; `notice` is what was laid over the pages
    without a database, as HTML by locale.
    """

    revision: int
    as_of: str
    next_change_at: str | None = None
    failed: tuple[str, ...] = ()
    hurried: bool = False
    notice: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Version:
    """One published state of the whole site; `laid_at` is machine time in seconds."""

    name: str
    facts: Facts
    pages: Mapping[str, Page]
    laid_at: float = 0.0

    @property
    def revision(self) -> int:
        return self.facts.revision

    @property
    def as_of(self) -> str:
        return self.facts.as_of

    @property
    def next_change_at(self) -> str | None:
        return self.facts.next_change_at

    def is_younger_than(self, seconds: float) -> bool:
        """Whether it was laid down less than `seconds` ago; a clock set back makes nothing young."""
        return bool(self.name) and 0 <= time.time() - self.laid_at < seconds


EMPTY = Version("", Facts(-1, ""), {})


class Store:
    """The published folder. One writer at a time (a lock file); readers follow the link."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.versions = self.folder / "versions"
        self.trees = self.folder / "trees"
        self._current = EMPTY
        self._shown = NOTHING
        self._link = ""
        self._unreadable = ""
        self._snapshot: tuple[str, Snapshot] | None = None
        self._loading = threading.Lock()

    @property
    def current(self) -> Version:
        """What is served now, from memory."""
        return self._current

    def follow(self) -> Version:
        """Look at the link once and load what it names, if it is new."""
        try:
            link = str((self.folder / "current").readlink())
        except OSError:
            return self._current
        if link != self._link:
            with self._loading:
                self._load(link)
        return self._current

    def _load(self, link: str) -> None:
        if link == self._link:
            return
        try:
            self._current, self._shown = self._read(self.folder / link)
            self._link = link
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            # Swept between readlink and read (the link has moved on: look again next time), or damaged.
            if link != self._unreadable:
                log.warning("published.unreadable", version=link, error=str(error))
            self._unreadable = link

    def _read(self, place: Path) -> tuple[Version, Shown]:
        manifest: dict[str, Any] = json.loads((place / "manifest.json").read_bytes())
        facts = Facts(**{**manifest["facts"], "failed": tuple(manifest["facts"]["failed"])})
        shown = trees.read(self.trees, manifest, place, "/", self._shown)
        return Version(place.name, facts, dict(shown.walk()), manifest["laid_at"]), shown

    def snapshot(self) -> Snapshot | None:
        """The snapshot behind the current version, or None before the first."""
        version, known = self.follow(), self._snapshot
        if version.name and (known is None or known[0] != version.name):
            try:
                body = (self.versions / version.name / "snapshot.json").read_bytes()
                known = self._snapshot = version.name, load(body)
            except (OSError, ValueError) as error:
                # Swept meanwhile, or written by another release: the last one known will do until the next.
                log.warning("snapshot.unreadable", version=version.name, error=type(error).__name__)
        return known[1] if known else None

    @contextmanager
    def writing(self, patience: float = 10.0) -> Iterator[None]:
        """The right to write a version, across processes. Raises TimeoutError after `patience` seconds."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".lock").open("a") as file:
            deadline = time.monotonic() + patience
            while not _is_locked(file):
                if time.monotonic() > deadline:
                    raise TimeoutError("another process is publishing")
                time.sleep(0.01)
            yield

    @contextmanager
    def preparing(self) -> Iterator[bool]:
        """Whether the right to render ahead is ours; two that did so at once would do the same work."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / ".preparing").open("a") as file:
            yield _is_locked(file)

    def write(
        self, facts: Facts, pages: Mapping[str, Page], snapshot: bytes, is_called: Callable[[], bool] = lambda: False
    ) -> Version:
        """Lay down a version beside the others, then swap it in. The caller holds `writing()`.

        What is old is swept then, unless somebody `is_called` for: he waits for the same right to write.

        Raises `OSError` where the disk is full or read-only; the version before stays as it was.
        """
        try:
            self._write(facts, pages, snapshot)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            # Room for the new page is worth more than the versions before the present one.
            self._sweep(1)
            self._write(facts, pages, snapshot)
        self.follow()
        self._sweep(KEPT_VERSIONS, is_called)
        return self._current

    def _write(self, facts: Facts, pages: Mapping[str, Page], snapshot: bytes) -> None:
        before = self.follow()
        name = f"{self._last_number() + 1:012d}"
        self.versions.mkdir(parents=True, exist_ok=True)
        draft = Draft(self.folder / ".draft", self.trees, trusting=bool(before.name))
        try:
            root = arranged(pages, self._shown)
            draft.lay(root, name, "../../trees")
            draft.write(f"{name}/snapshot.json", snapshot)
            about = {"facts": vars(facts), "laid_at": time.time(), **root.contents}
            draft.write(f"{name}/manifest.json", json.dumps(about).encode())
            draft.settle()
            (draft.place / name).rename(self.versions / name)
            sync(self.versions)
            self._swap(f"versions/{name}")
        finally:
            shutil.rmtree(draft.place, ignore_errors=True)

    def _last_number(self) -> int:
        names = [path.name for path in self.versions.glob("[0-9]*")]
        return max((int(name) for name in names if name.isdigit()), default=0)

    def _swap(self, target: str) -> None:
        fresh = self.folder / ".current"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(self.folder / "current")
        sync(self.folder)

    def _sweep(self, kept: int, is_called: Callable[[], bool] = lambda: False) -> None:
        """Remove the oldest versions, and the trees that none of those left links to; what is cut off the next does."""
        names = sorted(path.name for path in self.versions.iterdir())
        current = (self.folder / "current").readlink().name
        old = [name for name in names if name != current]
        versions = [partial(self._remove, self.versions / name) for name in old[: max(0, len(old) - kept + 1)]]
        gone: Iterator[Callable[[], None]] = chain(versions, self._unused())
        while not is_called() and (remove := next(gone, None)) is not None:
            remove()

    def _unused(self) -> Iterator[Callable[[], None]]:
        """How to remove each tree that no version links to, one after the other; while they are looked for, nothing."""
        used: set[str] = set()
        try:
            for digest in trees.reachable(self.trees, chain.from_iterable(map(_linked, self.versions.iterdir()))):
                used.add(digest)
                yield _nothing
        except (OSError, ValueError, LookupError):
            return  # a damaged version: its trees stay until it is swept itself
        # Records go first: a tree with a record is taken for whole, even by whoever comes after a kill in this moment.
        for path in sorted(self.trees.iterdir(), key=lambda path: path.suffix, reverse=True):
            if path.name.removesuffix(".json") not in used:
                yield path.unlink if path.suffix else partial(shutil.rmtree, path, ignore_errors=True)

    def _remove(self, version: Path) -> None:
        """At once, so that a kill leaves no half version: each writer clears the place of drafts."""
        gone = self.folder / ".draft"
        shutil.rmtree(gone, ignore_errors=True)
        version.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)


def _nothing() -> None:
    """A step of a search, at which it may be cut off."""


def _linked(version: Path) -> list[str]:
    return list(json.loads((version / "manifest.json").read_bytes())["folders"].values())


def _is_locked(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
