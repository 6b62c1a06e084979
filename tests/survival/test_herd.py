"""512 newcomers at once, after a change and at a cold start: all are served, and one page is rendered."""

import json
import time
from collections import Counter
from threading import Thread

import pytest

from statuspage.publishing.store import Store
from tests.processes import free_port, get
from tests.survival.herd import Heard, come
from tests.survival.people import UPDATE, Answer
from tests.survival.places import Place

pytestmark = pytest.mark.process
WORDS = "Nowa wieść."


def all_got_the_page(heard: list[Heard]) -> None:
    assert Counter(one.status for one in heard) == {200: 512}
    assert all(one.is_whole for one in heard)


def versions(store: Store) -> Counter[tuple[int, str, bool]]:
    """How many versions were written of each revision and time: one in a hurry, one with what could wait."""
    facts = [json.loads((one / "manifest.json").read_bytes())["facts"] for one in store.versions.iterdir()]
    return Counter((one["revision"], one["as_of"], one["hurried"]) for one in facts)


def test_newcomers_right_after_a_change_get_the_old_page_or_the_new_and_cost_one_render(place: Place) -> None:
    with place.serving("run") as (_, port):
        editor = place.editor(port)
        form = editor.update(WORDS)
        answers: list[Answer] = []
        post = Thread(target=lambda: answers.append(editor.send(UPDATE, form)))
        post.start()
        started = time.monotonic()
        waves = [come(port)]
        while post.is_alive():
            waves.append(come(port))
        waves.append(come(port))
        print(f"{len(waves)} times 512 newcomers around a change in {time.monotonic() - started:.2f} s")
        assert answers[0].status == 303
        assert "X-Publishing" not in answers[0].headers
    for heard in waves:
        all_got_the_page(heard)
    assert len({one.body for one in waves[0]}) <= 3, "the page before, the page after, and one with a new time"
    assert all(WORDS in one.body.decode() for one in waves[-1])
    assert set(versions(Store(place.public)).values()) == {1}, "nothing is published twice"


def test_newcomers_at_a_cold_start_get_the_last_good_page_before_anything_is_rendered(place: Place) -> None:
    store = Store(place.public)
    before = {page.body() for path, page in store.follow().pages.items() if path == "/"}
    port = free_port()
    with place.running("run", "--port", str(port)) as one:
        started = time.monotonic()
        heard = come(port)
        print(f"512 newcomers at a cold start were served {time.monotonic() - started:.2f} s after it")
        all_got_the_page(heard)
        assert len({one.body for one in heard} | before) <= 2
        assert get(port) is not None
        assert one.process.poll() is None
    assert set(versions(store).values()) == {1}
