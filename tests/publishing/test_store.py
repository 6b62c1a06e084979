"""The finished bytes on disk: swapped in at once, swept with care, mistrusted after a crash."""

import errno
import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from statuspage.publishing.documents import Document
from statuspage.publishing.pages import Page, etag_of, finished
from statuspage.publishing.snapshot import dump
from statuspage.publishing.store import KEPT_VERSIONS, Facts, Store
from statuspage.publishing.trees import Draft
from statuspage.web.site import Site
from tests.processes import ROOT, until

LONG = 4000


def page(path: str, words: str, store: Store | None = None) -> Page:
    body = words.encode()
    before = store.follow().pages.get(path) if store else None
    return finished(Document(path, "text/html", words, lambda: body), words, body, before)


def facts(revision: int) -> Facts:
    return Facts(revision, "2021-03-22T14:05:00+01:00")


def never() -> bool:
    return False


def always() -> bool:
    return True


def lay(
    store: Store, revision: int, words: str, *, also: str = "the same", is_called: Callable[[], bool] = never
) -> None:
    pages = {"/": page("/", words, store), "/panels/a/": page("/panels/a/", also * 200, store)}
    with store.writing():
        store.write(facts(revision), pages, b"{}", is_called)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "public")


def test_the_folder_can_be_served_without_us(store: Store) -> None:
    lay(store, 1, "hello " * 300)
    current = store.folder / "current"
    assert (current / "index.html").read_text() == "hello " * 300
    assert (current / "panels/a/index.html.gz").exists()
    assert (current / "panels/a/index.html.br").exists()


def test_another_process_follows(store: Store) -> None:
    lay(store, 1, "one")
    reader = Store(store.folder)
    assert reader.follow().pages["/"].body() == b"one"
    lay(store, 2, "two")
    assert reader.current.pages["/"].body() == b"one"
    assert reader.follow().pages["/"].body() == b"two"


def test_at_least_three_versions_stay(store: Store) -> None:
    for revision in range(10):
        lay(store, revision, f"version {revision}")
    names = sorted(path.name for path in (store.folder / "versions").iterdir())
    assert len(names) == KEPT_VERSIONS >= 3
    assert names[-1] == store.current.name
    assert [int(name) for name in names] == [7, 8, 9, 10]
    assert len(list(store.trees.glob("*.json"))) == 2, "trees that no version links to are gone"


@pytest.mark.parametrize("steps", range(0, 14, 2))
def test_a_sweep_that_is_called_away_leaves_what_is_shown_whole_and_the_next_one_ends_it(
    store: Store, steps: int
) -> None:
    for revision in range(8):
        lay(store, revision, f"version {revision}", is_called=always)
    assert len(list((store.folder / "versions").iterdir())) == 8
    left = iter(range(steps))
    lay(store, 8, "version 8", is_called=lambda: next(left, None) is None)
    assert Store(store.folder).follow().pages["/"].body() == b"version 8"
    lay(store, 9, "version 9")
    assert Store(store.folder).follow().pages["/panels/a/"].body() == b"the same" * 200
    assert len(list((store.folder / "versions").iterdir())) == KEPT_VERSIONS
    assert len(list(store.trees.glob("*.json"))) == 2


def test_unchanged_documents_are_not_written_again(store: Store) -> None:
    lay(store, 1, "one")
    lay(store, 2, "two")
    versions = sorted((store.folder / "versions").iterdir())
    same = [(version / "panels/a/index.html").stat().st_ino for version in versions]
    changed = [(version / "index.html").stat().st_ino for version in versions]
    assert same[0] == same[1]
    assert changed[0] != changed[1]
    assert (versions[0] / "panels").readlink() == (versions[1] / "panels").readlink(), "not even the folder"


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
    assert reader.follow().pages["/"].body() == b"one"


def test_a_damaged_tree_is_written_anew_by_the_next_publication(store: Store) -> None:
    lay(store, 1, "one")
    (store.folder / "current/panels/a/index.html.gz").write_bytes(b"")
    restarted = Store(store.folder)
    assert restarted.follow().name == ""
    lay(restarted, 2, "two")
    assert Store(store.folder).follow().pages["/panels/a/"].body() == b"the same" * 200


def test_what_a_killed_sweep_left_of_a_tree_is_not_taken_for_whole(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay(store, 1, "one", also="first")
    other = Store(store.folder)
    for revision in range(2, KEPT_VERSIONS + 1):
        lay(other, revision, "two", also="second")

    def killed(place: Path, **_: object) -> None:
        if place.parent == store.trees:
            for file in place.glob("*"):
                file.unlink()
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("statuspage.publishing.store.shutil.rmtree", killed)
        with pytest.raises(KeyboardInterrupt):
            lay(other, 9, "two", also="second")
    monkeypatch.undo()
    again = Store(store.folder)
    lay(again, 10, "three", also="first")
    assert Store(store.folder).follow().pages["/panels/a/"].body() == b"first" * 200


def test_archived_documents_leave_the_memory_and_stay_readable(store: Store) -> None:
    body = b"long ago " * 500
    old = finished(Document("/incidents/a/", "text/html", "a", lambda: body, archived=True), "a", body)
    for revision in range(6):
        with store.writing():
            store.write(facts(revision), {"/": page("/", f"now {revision}"), "/incidents/a/": old}, b"{}")
        kept = store.current.pages["/incidents/a/"]
        assert kept.bodies == {}
        assert kept.body() == body
        assert gzip.decompress(kept.body("gzip")) == body
        assert len(kept.body("br")) == kept.entry.sizes["br"]


def test_a_full_disk_costs_the_versions_before_and_then_only_the_new_page(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for revision in range(4):
        lay(store, revision, f"page {revision}")
    room = [1]

    def full(self: Draft, name: str, body: bytes) -> None:
        if len(list(store.versions.iterdir())) > room[0]:
            raise OSError(errno.ENOSPC, "no space left")
        write(self, name, body)

    write = Draft.write
    monkeypatch.setattr(Draft, "write", full)
    lay(store, 5, "after sweeping")
    assert store.current.pages["/"].body() == b"after sweeping"
    room[0] = 0
    with pytest.raises(OSError, match="no space"):
        lay(store, 6, "cannot be")
    assert Store(store.folder).follow().pages["/"].body() == b"after sweeping"
    assert not (store.folder / ".draft").exists()


@pytest.mark.parametrize("manifest", ["", "null", "[]", "{}", '{"documents": {"/": {}}}', '{"documents": 3}'])
def test_a_broken_manifest_leaves_the_last_good_version(store: Store, manifest: str) -> None:
    lay(store, 1, "one")
    reader = Store(store.folder)
    reader.follow()
    lay(store, 2, "two")
    (store.folder / "current" / "manifest.json").write_text(manifest)
    assert reader.follow().pages["/"].body() == b"one"
    assert Store(store.folder).follow().name == ""


def test_a_snapshot_of_another_release_is_none_and_no_error(site: Site) -> None:
    site.publisher.publish()
    known = site.store.snapshot()
    assert known is not None
    with site.store.writing():
        site.store.write(facts(99), {}, b'{"made by": "another release"}')
    assert Store(site.store.folder).snapshot() is None
    assert site.store.snapshot() == known
    with site.store.writing():
        site.store.write(facts(100), {}, dump(known))
    assert Store(site.store.folder).snapshot() == known


def test_leftovers_of_a_killed_publisher_are_swept(store: Store) -> None:
    lay(store, 1, "one")
    (store.folder / ".draft" / "half").mkdir(parents=True)
    (store.folder / ".current").symlink_to("versions/nothing")
    (store.trees / ("f" * 32)).mkdir()
    lay(store, 3, "three")
    assert not (store.folder / ".draft").exists()
    assert not (store.folder / ".current").is_symlink()
    assert not (store.trees / ("f" * 32)).exists()


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
    bodies = [page.body() for page in version.pages.values()]
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
    assert not (store.folder / ".draft").exists()
    manifest = json.loads((store.folder / "current" / "manifest.json").read_text())
    assert manifest["facts"]["revision"] == 2
