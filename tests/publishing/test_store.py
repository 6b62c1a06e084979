"""The finished bytes on disk: swapped in at once, swept with care, mistrusted after a crash."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import dump
from statuspage.publishing.store import KEPT_VERSIONS, Page, Store, etag_of, finished
from statuspage.web.site import Site
from tests.processes import ROOT, until

LONG = 4000


def page(path: str, words: str) -> Page:
    body = words.encode()
    return finished(Document(path, "text/html", words, lambda: body), words, body)


def lay(store: Store, revision: int, words: str, *, also: str = "the same") -> None:
    pages = {"/": page("/", words), "/panels/a/": page("/panels/a/", also * 100)}
    with store.writing():
        store.write(revision, "2021-03-22T14:05:00+01:00", pages, b"{}")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "public")


def test_the_folder_can_be_served_without_us(store: Store) -> None:
    lay(store, 1, "hello " * 100)
    current = store.folder / "current"
    assert (current / "index.html").read_text() == "hello " * 100
    assert (current / "panels/a/index.html.gz").exists()
    assert (current / "panels/a/index.html.br").exists()


def test_another_process_follows(store: Store) -> None:
    lay(store, 1, "one")
    reader = Store(store.folder)
    assert reader.follow().pages["/"].bodies["identity"] == b"one"
    lay(store, 2, "two")
    assert reader.current.pages["/"].bodies["identity"] == b"one"
    assert reader.follow().pages["/"].bodies["identity"] == b"two"


def test_at_least_three_versions_stay(store: Store) -> None:
    for revision in range(10):
        lay(store, revision, f"version {revision}")
    names = sorted(path.name for path in (store.folder / "versions").iterdir())
    assert len(names) == KEPT_VERSIONS >= 3
    assert names[-1] == store.current.name
    assert [int(name.split("-")[0]) for name in names] == [6, 7, 8, 9]


def test_unchanged_documents_are_not_written_again(store: Store) -> None:
    lay(store, 1, "one")
    lay(store, 2, "two")
    versions = sorted((store.folder / "versions").iterdir())
    same = [(version / "panels/a/index.html").stat().st_ino for version in versions]
    changed = [(version / "index.html").stat().st_ino for version in versions]
    assert same[0] == same[1]
    assert changed[0] != changed[1]


def test_a_damaged_version_is_not_served(store: Store) -> None:
    lay(store, 1, "one")
    reader = Store(store.folder)
    reader.follow()
    lay(store, 2, "two")
    for name in ("index.html", "panels/a/index.html.br"):
        damaged = store.folder / "current" / name
        whole = damaged.read_bytes()
        damaged.unlink()
        damaged.write_bytes(b"")
        assert Store(store.folder).follow().name == ""
        damaged.write_bytes(whole)
    (store.folder / "current" / "index.html").write_bytes(b"")
    assert reader.follow().pages["/"].bodies["identity"] == b"one"


@pytest.mark.parametrize("manifest", ["", "null", "[]", "{}", '{"documents": {"/": {}}}', '{"documents": 3}'])
def test_a_broken_manifest_leaves_the_last_good_version(store: Store, manifest: str) -> None:
    lay(store, 1, "one")
    reader = Store(store.folder)
    reader.follow()
    lay(store, 2, "two")
    (store.folder / "current" / "manifest.json").write_text(manifest)
    assert reader.follow().pages["/"].bodies["identity"] == b"one"
    assert Store(store.folder).follow().name == ""


def test_a_snapshot_of_another_release_is_none_and_no_error(site: Site) -> None:
    site.publisher.publish()
    known = site.store.snapshot()
    assert known is not None
    with site.store.writing():
        site.store.write(99, known.as_of.isoformat(), {}, b'{"made by": "another release"}')
    assert Store(site.store.folder).snapshot() is None
    assert site.store.snapshot() == known
    with site.store.writing():
        site.store.write(100, known.as_of.isoformat(), {}, dump(known))
    assert Store(site.store.folder).snapshot() == known


def test_leftovers_of_a_killed_publisher_are_swept(store: Store) -> None:
    lay(store, 1, "one")
    (store.folder / "versions" / ".000000000002-00001").mkdir()
    (store.folder / ".current-99999").symlink_to("versions/nothing")
    lay(store, 3, "three")
    assert not list((store.folder / "versions").glob(".*"))
    assert not list(store.folder.glob(".current-*"))


def test_only_one_writes_and_the_other_gives_up_in_time(store: Store) -> None:
    with store.writing(), pytest.raises(TimeoutError), Store(store.folder).writing(0.05):
        pass


WRITER = f"""
import sys
from pathlib import Path
from tests.publishing.test_store import Store, lay
store, mark = Store(Path(sys.argv[1])), sys.argv[2]
print("ready", flush=True)
for turn in range(int(sys.argv[3])):
    with store.writing():
        words = (mark + str(turn)) * {LONG}
    lay(store, 1, words, also=words)
"""


def writer(folder: Path, mark: str, turns: int) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WRITER, str(folder), mark, str(turns)]
    return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE)


def whole(store: Store) -> bool:
    """Every file of the version is what the manifest says, and all are of one writer and turn."""
    version = store.follow()
    bodies = [page.bodies["identity"] for page in version.pages.values()]
    assert [etag_of(body) for body in bodies] == [page.entry.etag for page in version.pages.values()]
    if not bodies:
        return False
    first, second = bodies
    assert first[:50] == second[:50]
    return True


@pytest.mark.process
def test_two_publishers_at_once_tear_no_page(store: Store) -> None:
    store.folder.mkdir(parents=True)
    writers = [writer(store.folder, mark, 60) for mark in "xy"]
    seen, reads = set(), 0
    while any(one.poll() is None for one in writers):
        if whole(store):
            seen.add(store.current.name)
            reads += 1
    for one in writers:
        one.communicate(timeout=10)
    assert [one.returncode for one in writers] == [0, 0]
    assert reads > 20
    assert len(seen) > 5


@pytest.mark.process
def test_a_publisher_killed_in_the_middle_leaves_the_page_whole(store: Store) -> None:
    store.folder.mkdir(parents=True)
    for _ in range(4):
        one = writer(store.folder, "z", 100000)
        assert one.stdout is not None
        assert one.stdout.readline() == b"ready\n"
        before = store.follow().name
        until(lambda name=before: store.follow().name != name)  # type: ignore[misc]  # bound for this turn
        threading.Event().wait(0.013)
        one.send_signal(signal.SIGKILL)
        one.communicate(timeout=10)
        assert whole(Store(store.folder))
    lay(store, 2, "after all")
    assert not list((store.folder / "versions").glob(".*"))
    manifest = json.loads((store.folder / "current" / "manifest.json").read_text())
    assert manifest["revision"] == 2
