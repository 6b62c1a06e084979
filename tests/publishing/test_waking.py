"""Whoever writes wakes the worker of the machine, and learns at once when there is none."""

import os
import threading
from pathlib import Path

from statuspage.publishing.waking import NAME, is_awake, listening, wake


def test_nobody_is_woken_where_no_worker_ever_was(tmp_path: Path) -> None:
    assert not wake(tmp_path)
    assert not is_awake(tmp_path)


def test_a_call_is_heard_until_it_is_forgotten(tmp_path: Path) -> None:
    with listening(tmp_path) as ear:
        assert is_awake(tmp_path)
        assert not ear.hears()
        assert wake(tmp_path)
        assert ear.hears()
        assert ear.hears()
        ear.forget()
        assert not ear.hears()


def test_a_call_ends_the_waiting(tmp_path: Path) -> None:
    with listening(tmp_path) as ear:
        threading.Timer(0.05, wake, [tmp_path]).start()
        assert ear.hears(5)


def test_a_worker_that_ended_is_not_taken_for_alive_and_the_next_one_is_heard(tmp_path: Path) -> None:
    with listening(tmp_path):
        pass
    assert not wake(tmp_path)
    with listening(tmp_path) as ear:
        assert wake(tmp_path)
        assert ear.hears()


def test_more_calls_than_the_pipe_holds_block_nobody(tmp_path: Path) -> None:
    with listening(tmp_path) as ear:
        for _ in range(40):
            assert wake(tmp_path, b"!" * 4000)
        assert ear.hears()


def test_where_no_pipe_can_be_made_the_worker_works_on_unheard(tmp_path: Path) -> None:
    (tmp_path / NAME).mkdir()
    with listening(tmp_path) as ear:
        assert not ear.hears(0.01)
        ear.forget()
    assert not wake(tmp_path)


def test_a_long_path_is_no_hindrance(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-name-of-a-folder" * 3] * 6)
    assert len(os.fsencode(deep)) > 300
    with listening(deep) as ear:
        assert wake(deep)
        assert ear.hears()
