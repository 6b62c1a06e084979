"""The demo as its reader starts it."""

import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.processes import free_port, get, running, until

pytestmark = pytest.mark.process


def answers(port: int) -> bool:
    answer = get(port)
    return answer is not None and answer[0] == 200


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


def login_of_b(port: int) -> str | None:
    answer = get(port, "/api/v2/components.json")
    if answer is None or answer[0] != 200:
        return None
    components = json.loads(answer[2])["components"]
    panel = next(one["id"] for one in components if one["name"] == "Panel B")
    mine = (one for one in components if one["group_id"] == panel and one["name"] == "Logowanie")
    status: str = next(mine)["status"]
    return status


def drafts_of_b(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "instance" / "statuspage.db")) as database:
        asked = (
            "select count(*) from incident join outage on outage.id = incident.outage_id join panel "
            "on panel.id = outage.panel_id where incident.published_at is null and panel.slug = 'panel-b'"
        )
        found: int = database.execute(asked).fetchone()[0]
        return found


def test_a_broken_panel_turns_red_and_drafts_one_incident_and_a_mended_one_recovers(tmp_path: Path) -> None:
    port = free_port()
    with running(tmp_path, "demo", "--port", str(port)) as demo:
        until(lambda: answers(port), 60)
        until(lambda: "worker.leads" in demo.said(), 30)
        assert login_of_b(port) == "operational"
        with running(tmp_path, "demo", "break", "panel-b") as breaking:
            assert breaking.process.wait(30) == 0
        until(lambda: login_of_b(port) == "major_outage", 10)
        until(lambda: drafts_of_b(tmp_path) == 1, 10)
        with running(tmp_path, "demo", "mend", "panel-b") as mending:
            assert mending.process.wait(30) == 0
        until(lambda: login_of_b(port) == "operational", 20)
        assert drafts_of_b(tmp_path) == 1
        demo.stop()
