"""Pushing to a real server that is cut off, killed, started again, or simply far."""

import json
from pathlib import Path

import pytest

from tests.client.loads import MEMORY, STAGES, counts_are_true, interrupt, kept, line, push, pushed, write
from tests.client.servers import cut_way
from tests.processes import free_port, get, until
from tests.survival.places import Place, found

pytestmark = pytest.mark.process


@pytest.fixture
def place(tmp_path: Path) -> Place:
    url = f"sqlite:///{tmp_path / 'instance' / 'statuspage.db'}"
    return found(Place(tmp_path, url, tmp_path / "instance" / "public"))


def test_cut_in_mid_body_again_and_again_it_ends_with_all_taken(place: Place) -> None:
    file = write(place.folder / "reports.ndjson", 6_000)
    cuts = {1: 100_000, 2: 300_000, 4: 5_000, 6: 200_000}
    with place.serving("web") as (_, port), cut_way(port, cuts.get) as way:
        code, out, errors = pushed(place, way.port, file, "--part", "2000")
        assert (code, "0 rejected" in out) == (0, True), out + errors
        assert "again in" in errors
        assert way.count >= 8
    assert kept(place) == 6_000
    assert counts_are_true(place)


def test_a_server_that_is_killed_and_started_again_is_waited_for(place: Place) -> None:
    file, port = write(place.folder / "reports.ndjson", 20_000), free_port()
    with place.running("web", "--port", str(port)) as first:
        until(lambda: get(port), 30)
        one = push(place, port, file, "--part", "2000")
        until(lambda: kept(place) > 1_000, 30)
        first.clear()
    with place.running("web", "--port", str(port)):
        out, errors = one.communicate(timeout=90)
    assert one.returncode == 0, errors
    assert "20,000 lines" in out
    assert kept(place) == 20_000
    assert counts_are_true(place)


def test_ctrl_c_says_how_to_go_on_and_it_goes_on(place: Place) -> None:
    file = write(place.folder / "reports.ndjson", 20_000)
    with place.serving("web") as (_, port):
        mark = file.with_name("reports.ndjson.push")
        code, _, errors = interrupt(push(place, port, file, "--part", "1000"), mark)
        assert code == 130
        assert "--resume" in errors
        assert "Traceback" not in errors
        first = json.loads(mark.read_text())["result"]["lines"]
        assert 0 < first < 20_000
        code, out, _ = pushed(place, port, file, "--part", "1000", "--resume", "--json")
        assert code == 0
        assert json.loads(out)["lines"] == 20_000
        assert kept(place) == 20_000
        assert not mark.exists()


def test_broken_lines_are_listed_by_their_numbers_and_the_rest_is_taken(place: Place) -> None:
    rows = [line(number) for number in range(250)]
    rows[7], rows[130], rows[249] = "{", line(130, done=11), line(249, panel="panel-x")
    with place.serving("web") as (_, port):
        code, out, _ = pushed(place, port, "-", "--part", "100", typed="\n".join(rows))
    assert code == 1
    assert "247 applied" in out
    assert "line 131: /done done cannot be more than total" in out
    assert "line 250: /panel there is no panel panel-x" in out
    assert "line 8:" in out
    assert kept(place) == 247


def test_a_wrong_token_a_wrong_address_and_nobody_there_end_with_2_and_one_line(place: Place) -> None:
    file = write(place.folder / "reports.ndjson", 10)
    with place.serving("web") as (_, port):
        wrong = Place(place.folder, place.url, place.public, place.token[:-3] + "xyz")
        for code, out, errors in (
            pushed(wrong, port, file),
            pushed(place, free_port(), file, "--patience", "1"),
            pushed(place, port, place.folder / "missing.ndjson"),
            pushed(Place(place.folder, place.url, place.public), port, file),
        ):
            assert (code, out) == (2, "")
            *waits, said = errors.splitlines()
            assert said.startswith("statuspage: ")
            assert all("again in" in one for one in waits)
            assert "Traceback" not in errors
            assert wrong.token not in errors
    assert kept(place) == 0


def test_a_hundred_thousand_long_lines_take_no_more_memory_than_a_few(place: Place) -> None:
    few = write(place.folder / "few.ndjson", 100)
    many = write(place.folder / "many.ndjson", 100_000, pad=600)
    peaks = []
    with place.serving("web") as (_, port):
        for file in (few, many):
            with push(place, port, file, command=MEMORY) as one:
                out, errors = one.communicate(timeout=120)
                assert one.returncode == 0, errors
                peaks.append(int(errors.rpartition("peak ")[2]))
        assert "100,000 lines: 99,900 applied, 100 unchanged" in out
    assert kept(place) == 100_000
    # The file has 75 MB.
    assert peaks[1] - peaks[0] < 40_000
    assert len(STAGES) * 25_000 == 100_000
