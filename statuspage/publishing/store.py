"""The finished bytes: immutable version folders on disk, swapped in by one rename, and their copy in memory.

`<public>/versions/<n>/` holds each document as a file (with .gz and .br beside it), `manifest.json`
and `snapshot.json`; `<public>/current` is a link to the version that is served.
"""

import fcntl
import gzip
import hashlib
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import brotli
import structlog

from statuspage import clock
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot, load

log = structlog.get_logger()
KEPT_VERSIONS = 4
COMPRESSIBLE = ("text/", "application/json", "application/atom+xml", "application/rss+xml", "image/svg+xml")
SMALLEST_TO_COMPRESS = 256
SUFFIX = {"identity": "", "gzip": ".gz", "br": ".br"}


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one document."""

    file: str
    media_type: str
    cache: str
    cross_origin: bool
    etag: str
    modified: str
    fingerprint: str
    encodings: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One document in memory, ready to be sent in any encoding."""

    entry: Entry
    bodies: Mapping[str, bytes]


@dataclass(frozen=True)
class Version:
    """One published state of the whole site; `next_change_at` is when time alone makes another."""

    name: str
    revision: int
    as_of: str
    pages: Mapping[str, Page]
    next_change_at: str | None = None

    def is_younger_than(self, seconds: float) -> bool:
        """Whether it was laid down less than `seconds` ago; a clock set back makes nothing young."""
        if not self.name:
            return False
        age = time.time() - int(self.name.rpartition("-")[2]) / 1e9
        return 0 <= age < seconds


EMPTY = Version("", -1, "", {})


def file_of(path: str) -> str:
    """`/panels/a/` lies in `panels/a/index.html`, `/history.atom` in `history.atom`."""
    return path.lstrip("/") + ("index.html" if path.endswith("/") else "")


def finished(document: Document, fingerprint: str, body: bytes, before: Page | None = None) -> Page:
    """A document's bytes with their compressed variants and a strong ETag from the content.

    The same bytes as `before` are not compressed again and keep the time of their last change.
    """
    digest = etag_of(body)
    same = before is not None and (before.entry.etag, before.entry.media_type) == (digest, document.media_type)
    if before is not None and same:
        entry = replace(before.entry, fingerprint=fingerprint, cache=document.cache, cross_origin=document.cross_origin)
        return Page(entry, before.bodies)
    bodies = {"identity": body}
    if document.media_type.startswith(COMPRESSIBLE) and len(body) >= SMALLEST_TO_COMPRESS:
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
        bodies["br"] = brotli.compress(body, quality=5)
    modified = clock.wall().replace(microsecond=0).isoformat()
    entry = Entry(
        file=file_of(document.path),
        media_type=document.media_type,
        cache=document.cache,
        cross_origin=document.cross_origin,
        etag=digest,
        modified=modified,
        fingerprint=fingerprint,
        encodings=tuple(bodies),
    )
    return Page(entry, bodies)


def etag_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]


class Store:
    """The published folder. One writer at a time (a lock file); readers follow the link."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._current = EMPTY
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
            self._current = _read_version(self.folder / link, self._current)
            self._link = link
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            # Swept between readlink and read (the link has moved on: look again next time), or damaged.
            if link != self._unreadable:
                log.warning("published.unreadable", version=link, error=str(error))
            self._unreadable = link

    def snapshot(self) -> Snapshot | None:
        """The snapshot behind the current version, or None before the first."""
        version, known = self.follow(), self._snapshot
        if version.name and (known is None or known[0] != version.name):
            try:
                body = (self.folder / "versions" / version.name / "snapshot.json").read_bytes()
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
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise TimeoutError("another process is publishing") from None
                    time.sleep(0.01)
            yield

    def write(
        self,
        revision: int,
        as_of: str,
        pages: Mapping[str, Page],
        snapshot: bytes,
        *,
        next_change_at: str | None = None,
    ) -> Version:
        """Lay down a version beside the others, then swap it in. The caller holds `writing()`."""
        before = self.follow()
        name = f"{revision:012d}-{time.time_ns():020d}"
        folder = self.folder / "versions" / name
        draft = self.folder / "versions" / f".{name}"
        draft.mkdir(parents=True)
        etags = {page.entry.file: page.entry.etag for page in before.pages.values()}
        for page in pages.values():
            same = page.entry.etag == etags.get(page.entry.file)
            _lay(draft, page, self.folder / "versions" / before.name if same else None)
        manifest = {
            "revision": revision,
            "as_of": as_of,
            "next_change_at": next_change_at,
            "documents": {path: asdict(page.entry) for path, page in pages.items()},
        }
        _write_durably(draft / "snapshot.json", snapshot)
        _write_durably(draft / "manifest.json", json.dumps(manifest).encode())
        draft.rename(folder)
        self._swap(f"versions/{name}")
        self.follow()
        self._sweep()
        return self._current

    def _swap(self, target: str) -> None:
        fresh = self.folder / f".current-{os.getpid()}"
        fresh.unlink(missing_ok=True)
        fresh.symlink_to(target)
        fresh.replace(self.folder / "current")
        _sync(self.folder)

    def _sweep(self) -> None:
        names = sorted(path.name for path in (self.folder / "versions").iterdir())
        drafts = [name for name in names if name.startswith(".")]
        old = [name for name in names if not name.startswith(".") and name != self._current.name]
        for name in drafts + sorted(old)[: -(KEPT_VERSIONS - 1)]:
            shutil.rmtree(self.folder / "versions" / name, ignore_errors=True)
        for link in self.folder.glob(".current-*"):
            link.unlink(missing_ok=True)


def _lay(draft: Path, page: Page, before: Path | None) -> None:
    """Write a document's files, or link those of the version before where nothing changed."""
    target = draft / page.entry.file
    target.parent.mkdir(parents=True, exist_ok=True)
    for encoding, body in page.bodies.items():
        name = page.entry.file + SUFFIX[encoding]
        if before is None or not _linked(before / name, draft / name):
            (draft / name).write_bytes(body)


def _linked(old: Path, new: Path) -> bool:
    try:
        os.link(old, new)
    except OSError:
        return False
    return True


def _read_version(folder: Path, known: Version) -> Version:
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    pages = {}
    for path, fields in manifest["documents"].items():
        entry = Entry(**{**fields, "encodings": tuple(fields["encodings"])})
        same = known.pages.get(path)
        if same is not None and same.entry.etag == entry.etag and same.entry.media_type == entry.media_type:
            pages[path] = Page(entry, same.bodies)
        else:
            pages[path] = Page(entry, _bodies(folder, entry))
    return Version(folder.name, manifest["revision"], manifest["as_of"], pages, manifest.get("next_change_at"))


def _bodies(folder: Path, entry: Entry) -> dict[str, bytes]:
    """The files of a document. They are not synced one by one: after a power cut they may be empty, so look."""
    bodies = {encoding: (folder / (entry.file + SUFFIX[encoding])).read_bytes() for encoding in entry.encodings}
    if etag_of(bodies["identity"]) != entry.etag or not all(
        bodies[name] for name in entry.encodings if name != "identity"
    ):
        raise ValueError(f"{entry.file} is not what was published")
    return bodies


def _write_durably(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
