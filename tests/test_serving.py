"""Our processes: they start, stop, mend themselves, and leave nobody behind."""

import os
import signal
from pathlib import Path

import pytest

from statuspage.serving import BACK_OFF, LIVED_WELL, Child, Refused, claim_address, only_one
from tests.processes import Running, free_port, get, running, until

pytestmark = pytest.mark.process


def answers(port: int) -> bool:
    found = get(port)
    return found is not None and found[0] == 200


def start(folder: Path, one: Running, port: int) -> None:
    until(lambda: answers(port) or one.process.poll() is not None)
    assert one.process.poll() is None, one.said()


def worker_of(one: Running) -> int | None:
    """The child that has no children of its own: the worker (web has granian's)."""
    found = [pid for pid in one.children() if not one.children(pid)]
    return found[0] if len(found) == 1 and len(one.children()) == 2 else None


def test_run_serves_the_page_and_stops_within_ten_seconds_leaving_nobody(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        start(tmp_path, one, port)
        assert len(one.marked()) >= 4
        assert one.stop() < 10
        assert one.process.returncode == 0
        assert one.marked() == []


def test_a_killed_worker_is_started_again_and_the_page_stays(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        start(tmp_path, one, port)
        until(lambda: worker_of(one))
        killed = worker_of(one)
        assert killed
        os.kill(killed, signal.SIGKILL)
        assert answers(port)
        until(lambda: (found := worker_of(one)) and found != killed, 5)
        assert answers(port)


def test_a_killed_web_server_is_started_again(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        start(tmp_path, one, port)
        server = next(pid for pid in one.children() if one.children(pid))
        for pid in (*one.children(server), server):
            os.kill(pid, signal.SIGKILL)
        until(lambda: server not in one.children() and answers(port), 8)


def test_nobody_outlives_a_supervisor_that_was_killed(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        start(tmp_path, one, port)
        one.process.kill()
        one.process.wait(5)
        until(lambda: one.marked() == [], 8)


def test_a_second_run_in_the_same_folder_says_so_in_one_line(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "run", "--port", str(port)) as one:
        until(one.children)
        with running(tmp_path, "run", "--port", str(free_port())) as other:
            assert other.process.wait(10) == 1
            said = other.said()
        assert said.splitlines() == ["statuspage: another `statuspage run` works in instance: stop it first"]


@pytest.mark.parametrize("command", ["run", "web"])
def test_a_taken_port_is_said_in_one_line(tmp_path: Path, command: str) -> None:
    port = free_port()
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    with running(tmp_path / "a", "web", "--port", str(port)) as first:
        until(lambda: get(port) is not None)
        with running(tmp_path / "b", command, "--port", str(port)) as second:
            assert second.process.wait(10) == 1
            (line,) = second.said().splitlines()
            assert f"127.0.0.1:{port}" in line
            assert "--port" in line
        assert first.process.poll() is None


def test_before_anything_is_published_the_page_asks_to_come_back(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "web", "--port", str(port)) as one:
        until(lambda: get(port) is not None)
        for path in ("/", "/en/", "/panels/panel-a/", "/history.atom"):
            found = get(port, path)
            assert found is not None
            assert found[0] == 503, path
            assert found[1]["retry-after"]
        assert (get(port, "/no-such-page") or (0,))[0] == 404
        assert one.stop() < 10
        assert one.marked() == []


def test_without_its_database_a_restart_serves_the_last_page_and_makes_no_new_database(tmp_path: Path) -> None:
    port = free_port()
    database = tmp_path / "instance" / "statuspage.db"
    with running(tmp_path, "run", "--port", str(port)) as one:
        start(tmp_path, one, port)
        one.stop()
    for file in database.parent.glob("statuspage.db*"):
        file.unlink()
    with running(tmp_path, "run", "--port", str(port)) as one:
        start(tmp_path, one, port)
        until(lambda: "restore it" in one.said())
        assert answers(port)
        assert not database.exists()
        assert one.stop() < 10


def test_publish_writes_the_static_site_once(tmp_path: Path) -> None:
    with running(tmp_path, "db", "upgrade") as one:
        assert one.process.wait(15) == 0
    with running(tmp_path, "publish") as one:
        assert one.process.wait(15) == 0, one.said()
        assert (tmp_path / "instance" / "public" / "current" / "index.html").exists()


def test_an_address_that_is_not_ours_is_refused() -> None:
    with pytest.raises(Refused, match=r"192\.0\.2\.1"):
        claim_address("192.0.2.1", 80)


def test_the_lock_is_free_again_after_its_holder(tmp_path: Path) -> None:
    with only_one(tmp_path), pytest.raises(Refused, match="another"), only_one(tmp_path):
        raise AssertionError("two hold it")
    with only_one(tmp_path):
        assert (tmp_path / "run.lock").exists()


def test_what_keeps_dying_is_started_later_each_time_and_what_lived_well_at_once() -> None:
    child = Child("web", lambda: None)
    waits = []
    for _ in range(8):
        child.ended(1, 64.0)
        waits.append(child.again_at - 64.0)
        child.started = 64.0
    assert waits == sorted(waits)
    assert waits[0] == pytest.approx(BACK_OFF[0])
    assert waits[-1] == BACK_OFF[1]
    child.ended(1, 64.0 + LIVED_WELL + 1)
    assert child.again_at == pytest.approx(64.0 + LIVED_WELL + 1 + BACK_OFF[0])


def test_what_runs_once_is_done_when_it_succeeds_and_tried_again_when_not() -> None:
    child = Child("migrate", lambda: None, once=True)
    child.ended(1, 1.0)
    assert not child.done
    child.ended(0, 2.0)
    assert child.done
