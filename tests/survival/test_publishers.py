"""No reader meets a torn, missing or older page, whoever publishes and whenever he dies."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from statuspage.publishing import trees
from statuspage.publishing.pages import SUFFIX, etag_of
from statuspage.publishing.store import KEPT_VERSIONS, Store
from tests.processes import ROOT, get, until
from tests.survival.people import TOLD_IN, UPDATE, all_were_served, load_of
from tests.survival.places import Place, shows, tell_next

pytestmark = pytest.mark.process
WHOLE, PART = (200, 10_000), (20, 2_000)


@pytest.fixture
def measure(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Publications and reads: all where nobody waits for them, a part on somebody's desk or once more, as the folder
    knows no database."""
    return WHOLE if os.environ.get("CI") and request.config.getoption("--database") == "sqlite" else PART


def entries(folder: Path, record: Path) -> list[str]:
    """What is wrong with one published folder, file by file."""
    wrong = []
    for name, entry in json.loads(record.read_bytes())["files"].items():
        for encoding, size in entry["sizes"].items():
            file = folder / f"{name}{SUFFIX[encoding]}"
            if not file.is_file() or file.stat().st_size != size:
                wrong.append(f"{file}: not as long as its record says")
        if etag_of((folder / name).read_bytes()) != entry["etag"]:
            wrong.append(f"{folder / name}: not what its record says")
    return wrong


def faults_of(store: Store) -> list[str]:
    """All that is not as it should be in a published folder at rest."""
    versions, records = list(store.versions.iterdir()), list(store.trees.glob("*.json"))
    wrong = [fault for one in versions for fault in entries(one, one / "manifest.json")]
    wrong += [fault for one in records for fault in entries(store.trees / one.stem, one)]
    expected = {"current", "versions", "trees", ".lock", ".preparing", ".wake"}
    wrong += [f"left over: {one.name}" for one in store.folder.iterdir() if one.name not in expected]
    manifests = [json.loads((one / "manifest.json").read_bytes()) for one in versions]
    linked = {digest for one in manifests for digest in one["folders"].values()}
    used = set(trees.reachable(store.trees, linked))
    there = {one.name.removesuffix(".json") for one in store.trees.iterdir()}
    wrong += [f"tree {one}" for one in used ^ there]
    if len(versions) > KEPT_VERSIONS:
        wrong.append(f"{len(versions)} versions are kept")
    return wrong


def faults_after_the_next(place: Place) -> list[str]:
    """What is wrong once somebody has published in peace: he clears what the dead left."""
    with place.running("publish") as one:
        assert one.process.wait(30) == 0, one.said()
    store = Store(place.public)
    assert store.follow().name
    return faults_of(store)


def test_a_publisher_killed_again_and_again_while_writing_costs_no_reader_anything(
    place: Place, measure: tuple[int, int]
) -> None:
    publications, least = measure
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **place.environment}
    command = [sys.executable, "-m", "tests.survival.killed", str(publications)]
    with place.serving("web") as (web, port):
        with load_of(port, 4, TOLD_IN, pause=0.02) as readers:
            started = time.monotonic()
            publisher = subprocess.run(
                command, cwd=place.folder, env=environment, capture_output=True, text=True, timeout=900, check=False
            )
            took = time.monotonic() - started
            assert publisher.returncode == 0, publisher.stderr
            until(lambda: sum(len(one.statuses) for one in readers) > least, 60)
            with place.app():
                last = tell_next()
            until(lambda: shows(port, f"Numer {last}."), 20)
        assert web.stop() < 10
    kills, reads = publisher.stdout.count("killed"), sum(len(one.statuses) for one in readers)
    print(f"{publications} publications, {kills} kills and {reads} reads in {took:.1f} s; {last} updates")
    all_were_served(readers)
    assert kills > publications / 20
    assert faults_after_the_next(place) == []


def test_a_worker_and_a_web_server_that_publish_at_once_never_take_a_reader_back(place: Place) -> None:
    with place.serving("web") as (web, port), place.running("worker") as worker:
        until(lambda: b"statuspage_worker_up 1.0" in (get(port, "/metrics") or (0, {}, b""))[2], 30)
        editor, stop, seen = place.editor(port), threading.Event(), []
        watcher = threading.Thread(target=watch, args=(Store(place.public), seen, stop))
        watcher.start()
        with load_of(port, 3, TOLD_IN) as readers, place.app():
            for number in range(1, 13):
                assert editor.send(UPDATE, editor.update(f"Numer {1000 * number}.")).status == 303
                last = tell_next()
            until(lambda: shows(port, f"Numer {last}."), 20)
        stop.set()
        watcher.join()
        assert max(worker.stop(), web.stop()) < 10
    all_were_served(readers)
    assert max(number for one in readers for number in one.numbers) == last == 12_001
    assert len(set(seen)) > 5
    assert seen == sorted(seen), "no name of a version and no revision goes back"
    assert faults_after_the_next(place) == []


def watch(store: Store, seen: list[tuple[str, int]], stop: threading.Event) -> None:
    """Follow the link on the disk, as another web server would."""
    while not stop.wait(0.01):
        version = store.follow()
        seen.append((version.name, version.revision))
