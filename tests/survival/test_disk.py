"""No room for the published folder, or no right to write it: the page stays, the staff go on, it heals by itself."""

import time

import pytest

from tests.processes import until
from tests.survival import faults
from tests.survival.people import UPDATE, all_were_served, load_of
from tests.survival.places import Place, shows

pytestmark = pytest.mark.process


def test_on_a_full_disk_the_page_stays_and_what_was_posted_is_out_when_there_is_room(place: Place) -> None:
    with faults.small_disk(place.folder / "small", "4m") as disk:
        there = Place(place.folder, place.url, disk / "public", place.token)
        with there.running("publish") as one:
            assert one.process.wait(30) == 0, one.said()
        with there.serving("run") as (one, port):
            editor = there.editor(port)
            assert editor.send(UPDATE, editor.update("Jest miejsce.")).status == 303
            until(lambda: shows(port, "Jest miejsce."), 5)
            with load_of(port) as readers:
                filler = faults.fill(disk)
                for number in range(5):
                    answer = editor.send(UPDATE, editor.update(f"Bez miejsca {number}."))
                    assert answer.status == 303, "it is saved"
                    if answer.headers["X-Publishing"] == "pending":
                        break
                    # What the sweep of older versions freed is filled as well.
                    filler = faults.fill(disk)
                assert answer.headers["X-Publishing"] == "pending"
                time.sleep(2)
                assert not shows(port, f"Bez miejsca {number}.")
                filler.unlink()
                until(lambda: shows(port, f"Bez miejsca {number}."), 10)
            all_were_served(readers)
            assert one.stop() < 10
            assert not (there.public / ".draft").exists()


def test_in_a_read_only_folder_the_page_stays_and_what_was_posted_is_out_when_it_can_be_written(place: Place) -> None:
    with faults.small_disk(place.folder / "small", "8m") as disk:
        there = Place(place.folder, place.url, disk / "public", place.token)
        with there.running("publish") as one:
            assert one.process.wait(30) == 0, one.said()
        faults.remount(disk, "ro")
        with there.serving("run") as (_, port), load_of(port) as readers:
            editor = there.editor(port)
            answer = editor.send(UPDATE, editor.update("Zapisane."))
            assert (answer.status, answer.headers["X-Publishing"]) == (303, "pending")
            time.sleep(1)
            assert not shows(port, "Zapisane.")
            faults.remount(disk, "rw")
            until(lambda: shows(port, "Zapisane."), 10)
        all_were_served(readers)
