"""A machine's clock that is set back: the page is not called old, and goes on saying what is true."""

import json
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage import clock
from tests.processes import ROOT, get, until
from tests.survival.people import UPDATE, all_were_served, load_of
from tests.survival.places import Place, shows

pytestmark = pytest.mark.process
# Read by every Python at its start: the clock of our processes is so many seconds away from the machine's.
CLOCK = """
import time
from datetime import timedelta
from pathlib import Path
from statuspage import clock
seconds, wall = time.time, clock.wall
def away(): return float(Path({file!r}).read_text())
time.time = lambda: seconds() + away()
clock.wall = lambda: wall() + timedelta(seconds=away())
"""


def set_clock(file: Path, seconds: int) -> None:
    fresh = file.with_suffix(".new")
    fresh.write_text(str(seconds))
    fresh.replace(file)


def is_as_of(port: int, seconds: int) -> bool:
    """Whether the page says that it is as of the time of a clock that is so many seconds away."""
    answer = get(port, "/now.json")
    assert answer is not None
    told = datetime.fromisoformat(json.loads(answer[2])["as_of"])
    return timedelta(seconds=-1) <= clock.wall() + timedelta(seconds=seconds) - told < timedelta(seconds=40)


def test_a_clock_set_back_by_an_hour_neither_stops_the_page_nor_makes_it_old(place: Place) -> None:
    file = place.folder / "away"
    set_clock(file, 0)
    (place.folder / "sitecustomize.py").write_text(CLOCK.format(file=str(file)))
    with place.serving("run", PYTHONPATH=f"{place.folder}:{ROOT}") as (_, port), load_of(port) as readers:
        until(lambda: is_as_of(port, 0), 10)
        editor = place.editor(port)
        for away in (-3600, -3500, -3400):
            set_clock(file, away)
            until(lambda away=away: is_as_of(port, away), 15)  # type: ignore[misc]  # bound for this turn
        assert not is_as_of(port, 0)
        before = int((place.public / "current").readlink().name)
        time.sleep(3)
        assert int((place.public / "current").readlink().name) - before <= 2, "it does not publish without end"
        assert editor.send(UPDATE, editor.update("Zegar cofnięty.")).status == 303
        until(lambda: shows(port, "Zegar cofnięty."), 5)
        set_clock(file, 0)
        until(lambda: is_as_of(port, 0), 15)
    all_were_served(readers)
