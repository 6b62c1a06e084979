"""Published folders on disk, each named by what it holds: one that did not change is linked to, not written again.

`trees/<digest>/` holds files and links to other trees; `trees/<digest>.json` says what each file is. Both are
written once, synced, and never changed, like the trees of git.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from statuspage.publishing.pages import SUFFIX, Entry, Page, etag_of, kept_in_memory

# So many files are synced one by one; of more the whole system is asked at once.
FEW = 128
SYNCED_AT_ONCE = 16


@dataclass(frozen=True)
class Shown:
    """A published folder as memory knows it: the pages in it by path, and the folders below by name."""

    digest: str
    pages: Mapping[str, Page]
    below: Mapping[str, "Shown"]

    def walk(self) -> Iterator[tuple[str, Page]]:
        """All pages with their paths, those of the folders below included."""
        yield from self.pages.items()
        for shown in self.below.values():
            yield from shown.walk()


NOTHING = Shown("", {}, {})


@dataclass
class Folder:
    """Pages by path, and the folders below by name; `known` is what lies at its place now."""

    known: Shown = NOTHING
    pages: dict[str, Page] = field(default_factory=dict)
    folders: dict[str, "Folder"] = field(default_factory=dict)

    def below(self, name: str) -> "Folder":
        if name not in self.folders:
            self.folders[name] = Folder(self.known.below.get(name, NOTHING))
        return self.folders[name]

    @property
    def files(self) -> Iterator[tuple[str, Page]]:
        """Pages by file name: `/panels/a/` is `index.html` in `panels/a`, `/history.atom` a file at the root."""
        for path, page in self.pages.items():
            yield path.rpartition("/")[2] or "index.html", page

    @cached_property
    def contents(self) -> dict[str, Any]:
        return {
            "files": {name: page.entry.as_json() for name, page in sorted(self.files)},
            "folders": {name: folder.digest for name, folder in sorted(self.folders.items())},
        }

    @cached_property
    def digest(self) -> str:
        if self.is_known:
            return self.known.digest
        return hashlib.sha256(json.dumps(self.contents).encode()).hexdigest()[:32]

    @cached_property
    def is_known(self) -> bool:
        """Whether nothing changed: most pages are the very objects that were shown before."""
        if self.known is NOTHING or self.pages != self.known.pages or self.folders.keys() != self.known.below.keys():
            return False
        return all(folder.digest == self.known.below[name].digest for name, folder in self.folders.items())


def arranged(pages: Mapping[str, Page], known: Shown = NOTHING) -> Folder:
    """The pages as folders; `known` is what is shown now."""
    root = Folder(known)
    for path, page in pages.items():
        folder = root
        for name in path.split("/")[1:-1]:
            folder = folder.below(name)
        folder.pages[path] = page
    return root


class Draft:
    """Trees being written beside the published ones; nothing is seen of them before `settle`."""

    def __init__(self, place: Path, trees: Path, *, trusting: bool) -> None:
        """`trusting`: what lies in `trees` was read and found whole; else each tree is looked at again."""
        self.place = place
        self.trees = trees
        self.trusting = trusting
        self.written: list[Path] = []
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        trees.mkdir(exist_ok=True)

    def add(self, folder: Folder) -> None:
        """Write a tree with those below it, unless it lies there already."""
        if self.trusting and folder.is_known:
            return
        if not self.trusting:
            for child in folder.folders.values():
                self.add(child)
        if not self._is_there(folder.digest) and not (self.place / folder.digest).exists():
            self.lay(folder, folder.digest, "..")
            self.write(f"{folder.digest}.json", json.dumps(folder.contents).encode())

    def lay(self, folder: Folder, name: str, trees: str) -> None:
        """Write one folder: its files, and links to the trees below it, which lie at `trees` from there."""
        for child in folder.folders.values():
            self.add(child)
        # Plain strings: a folder of five hundred incidents is thousands of paths.
        place = f"{self.place}/{name}"
        Path(place).mkdir()
        for file, page in folder.files:
            for encoding in page.entry.sizes:
                self._place(page, encoding, f"{place}/{file}{SUFFIX[encoding]}")
        for below, child in folder.folders.items():
            os.symlink(f"{trees}/{child.digest}", f"{place}/{below}")  # noqa: PTH211  # a path costs as much as the link
        self.written.append(self.place / name)

    def write(self, name: str, body: bytes) -> None:
        (self.place / name).write_bytes(body)
        self.written.append(self.place / name)

    def settle(self) -> None:
        """Sync all that was written, then move the trees to where they are linked from."""
        if len(self.written) > FEW:
            os.sync()
        else:
            # All at once: the disk writes them down together.
            with ThreadPoolExecutor(SYNCED_AT_ONCE) as threads:
                list(threads.map(sync, self.written))
        for record in self.place.glob("*.json"):
            if (self.place / record.stem).is_dir():
                (self.trees / record.name).unlink(missing_ok=True)
                shutil.rmtree(self.trees / record.stem, ignore_errors=True)
                (self.place / record.stem).rename(self.trees / record.stem)
                record.rename(self.trees / record.name)
        sync(self.trees)

    def _place(self, page: Page, encoding: str, place: str) -> None:
        if page.place:
            try:
                os.link(page.place + SUFFIX[encoding], place)
                return
            except OSError:  # swept, damaged, or a file system without links: the bytes are known
                pass
        Path(place).write_bytes(page.body(encoding))
        self.written.append(Path(place))
        # A web server makes its ETag of time and size: so it is the same on every machine.
        os.utime(place, (page.modified_at, page.modified_at))

    def _is_there(self, digest: str) -> bool:
        if not (self.trees / f"{digest}.json").exists() or not (self.trees / digest).is_dir():
            return False
        return self.trusting or _is_whole(self.trees, digest)


def _is_whole(trees: Path, digest: str) -> bool:
    try:
        for name, entry in contents_of(trees, digest)["files"].items():
            place = trees / digest / name
            if etag_of(place.read_bytes()) != entry["etag"]:
                return False
            if any(place.with_name(name + SUFFIX[one]).stat().st_size != size for one, size in entry["sizes"].items()):
                return False
    except (OSError, ValueError, LookupError, TypeError):
        return False
    return True


def contents_of(trees: Path, digest: str) -> dict[str, Any]:
    """What a tree holds. Raises `OSError` or `ValueError` where that cannot be read."""
    found: dict[str, Any] = json.loads((trees / f"{digest}.json").read_bytes())
    return found


def read(trees: Path, contents: Mapping[str, Any], place: Path, prefix: str, before: Shown) -> Shown:
    """A folder at `place` with all below it; what `before` knows already is not read again.

    Raises `OSError` or `ValueError` where files are missing or are not what was published.
    """
    pages = _pages(contents["files"], place, prefix, before.pages)
    below = {}
    for name, digest in contents["folders"].items():
        known = before.below.get(name, NOTHING)
        same = known.digest == digest
        inside = f"{prefix}{name}/"
        below[name] = known if same else read(trees, contents_of(trees, digest), trees / digest, inside, known)
    return Shown(place.name, pages, below)


def _pages(entries: Mapping[str, Any], place: Path, prefix: str, before: Mapping[str, Page]) -> dict[str, Page]:
    found = {}
    for name, fields in entries.items():
        path = prefix + ("" if name == "index.html" else name)
        entry, file = Entry(**fields), str(place / name)
        same = before.get(path)
        if same is not None and (same.entry.etag, same.entry.archived) == (entry.etag, entry.archived):
            found[path] = Page(entry, same.bodies, file)
        else:
            found[path] = Page(entry, kept_in_memory(entry, file), file)
    return found


def reachable(trees: Path, digests: Iterable[str]) -> Iterator[str]:
    """The trees that these link to, directly or through others, themselves included."""
    found: set[str] = set()
    waiting = list(digests)
    while waiting:
        digest = waiting.pop()
        if digest not in found:
            found.add(digest)
            waiting.extend(contents_of(trees, digest)["folders"].values())
            yield digest


def sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
