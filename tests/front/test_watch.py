"""The thread that keeps memory in step with the published folder."""

import threading

from statuspage.front import Watch
from tests.processes import until
from tests.publishing.test_store import Store, lay, store

__all__ = ["store"]


def test_it_follows_within_a_quarter_of_a_second_until_it_is_told_to_stop(store: Store) -> None:
    stop = threading.Event()
    watch = Watch(Store(store.folder))
    thread = watch.follow(stop)
    assert watch.store.current.name == ""
    lay(store, 1, "one")
    until(lambda: watch.store.current.revision == 1, 5)
    lay(store, 2, "two")
    until(lambda: watch.store.current.revision == 2, 5)
    assert watch.age() < 5
    stop.set()
    thread.join(5)
    lay(store, 3, "three")
    assert watch.store.current.revision == 2


def test_a_damaged_version_does_not_end_it(store: Store) -> None:
    stop = threading.Event()
    lay(store, 1, "one")
    watch = Watch(Store(store.folder))
    thread = watch.follow(stop)
    (store.folder / "versions" / "broken").mkdir()
    with store.writing():
        store._swap("versions/broken")
    threading.Event().wait(0.3)
    assert watch.store.current.pages["/"].body() == b"one"
    store._swap("versions/000000000001")
    lay(store, 2, "two")
    until(lambda: watch.store.current.revision == 2, 5)
    stop.set()
    thread.join(5)
