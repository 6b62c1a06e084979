"""The demo as its reader starts it."""

import json
import re
from pathlib import Path

import pytest

from tests.processes import Running, free_port, get, running, until

pytestmark = pytest.mark.process


def answers(port: int) -> bool:
    answer = get(port)
    return answer is not None and answer[0] == 200


def started(folder: Path, port: int, *words: str) -> Running:
    return Running(folder, "demo", "--port", str(port), *words)


def test_the_demo_says_where_to_look_and_serves_it_and_leaves_nothing_behind(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "demo", "--port", str(port)) as demo:
        until(lambda: answers(port), 60)
        said = demo.said()
        assert f"http://127.0.0.1:{port}/" in said
        assert re.search(r"Bearer sp_[a-z0-9]{8}_", said)
        assert "demo break panel-b" in said
        fakes = json.loads((tmp_path / "instance" / "demo.json").read_text())
        until(lambda: get(fakes["panel-b"]["web_port"], "/login"))
        demo.stop()
        until(lambda: demo.marked() == [])
        assert get(fakes["panel-b"]["web_port"], "/login") is None


def test_a_second_start_keeps_the_data_and_goes_on_from_there(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "demo", "--port", str(port), "--at", "2021-03-12") as first:
        until(lambda: answers(port), 60)
        first.stop()
    with running(tmp_path, "demo", "--port", str(port)) as second:
        until(lambda: answers(port), 60)
        assert "Loading" not in second.said()
        assert "Friday 12 March 2021, 14:05" in second.said()
        second.stop()


def test_two_demos_in_one_folder_are_refused(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "demo", "--port", str(port)):
        until(lambda: answers(port), 60)
        with running(tmp_path, "demo", "--port", str(free_port()), "--at", "2021-03-10") as other:
            assert other.process.wait(60) == 1
            assert "stop it first" in other.said()
        assert answers(port)
