"""The page outlives its database: deleted, locked, slow, read-only."""

import shutil
import time
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import func, select

from statuspage import db
from statuspage.incidents.models import IncidentUpdate
from statuspage.recovery.models import StageState
from tests.processes import free_port, get, until
from tests.staff.desks import PASSWORD
from tests.survival import faults
from tests.survival.people import ACCOUNT, EMAIL, UPDATE, Answer, Browser, all_were_served, load_of, refused
from tests.survival.places import Place, shows

pytestmark = pytest.mark.process


def remove_database(place: Place) -> None:
    for path in place.database.parent.glob("statuspage.db*"):
        path.unlink()


def watched(port: int) -> None:
    """What machines that watch us hear while the database is gone."""
    ready, metrics = get(port, "/readyz"), get(port, "/metrics")
    assert ready is not None
    assert metrics is not None
    assert (ready[0], metrics[0]) == (503, 200)
    assert b"database" in ready[2]
    assert b"statuspage_database_up 0.0" in metrics[2]


def written(place: Place) -> tuple[int, int]:
    """How many updates and reports are in the database."""
    with place.app(), db.reading() as session:
        updates = session.scalar(select(func.count()).select_from(IncidentUpdate)) or 0
        return updates, session.scalar(select(func.count()).select_from(StageState)) or 0


@pytest.mark.usefixtures("sqlite_alone")
def test_a_database_deleted_under_load_costs_no_reader_anything_and_no_writer_his_work(place: Place) -> None:
    with place.serving("run") as (one, port):
        program, visitor, editor = Browser(port, place.token), Browser(port), place.editor(port)
        assert program.report().status == 200
        at_the_door = visitor.form("/staff/sign-in/", email=EMAIL, password=PASSWORD)
        at_the_desk = editor.update("Widzimy to sami.")
        with load_of(port) as readers:
            time.sleep(0.5)
            remove_database(place)
            for _ in range(3):
                refused(program.report())
                refused(program.ask(ACCOUNT))
                refused(visitor.send("/staff/sign-in/", at_the_door))
                refused(editor.send(UPDATE, at_the_desk))
                refused(editor.ask("/staff/panels/"))
            watched(port)
            time.sleep(1)
        all_were_served(readers)
        assert not place.database.exists()
        assert one.stop() < 10
        assert not place.database.exists()


@pytest.mark.usefixtures("sqlite_alone")
def test_a_restart_without_the_database_answers_with_the_last_good_page(place: Place) -> None:
    remove_database(place)
    port = free_port()
    started = time.monotonic()
    with place.running("run", "--port", str(port)) as one:
        until(lambda: get(port) is not None, 30)
        first = get(port)
        print(f"restart: the page after {time.monotonic() - started:.2f} s")
        assert first is not None
        assert first[0] == 200, "the first answer is the page, not an excuse"
        assert "Stan z" in first[2].decode()
        for path in ("/which-panel/?created=2020-01-01", "/faq/?q=logowanie", "/en/"):
            found = get(port, path)
            assert found is not None
            assert found[0] == 200, path
        watched(port)
        refused(Browser(port, place.token).report())
        until(lambda: "is gone, while a site is published" in one.said(), 20)
        assert not place.database.exists()


def test_a_locked_database_delays_writers_alone_and_heals_by_itself(place: Place) -> None:
    with place.serving("run") as (_, port):
        program, editor = Browser(port, place.token), place.editor(port)
        answers: list[Answer] = []
        writer = Thread(target=lambda: answers.append(program.report()))
        with load_of(port) as readers:
            with faults.locked(place):
                writer.start()
                started = time.monotonic()
                assert Browser(port, place.token).ask(ACCOUNT).status == 404
                assert editor.ask("/staff/panels/").status == 200
                assert time.monotonic() - started < 2.5, "who only reads does not wait for the lock"
                time.sleep(max(0.0, started + 3 - time.monotonic()))
                assert answers == [], "nothing is acknowledged that is not on disk"
            writer.join()
        all_were_served(readers)
        assert max(reader.slowest for reader in readers) < 2
        if answers[0].status != 200:
            refused(answers[0])
            assert program.report().status == 200
        assert program.ask(ACCOUNT).status == 200
        assert editor.ask("/staff/panels/").status == 200


def test_a_slow_database_makes_writers_wait_and_loses_nothing(place: Place) -> None:
    before = written(place)
    with place.serving("run") as (_, port):
        program, editor = Browser(port, place.token), place.editor(port)
        form = editor.update("Baza zwolniła.")
        with faults.slow(place), load_of(port) as readers:
            reports = [program.report(account=str(number)) for number in range(3)]
            update = editor.send(UPDATE, form)
            until(lambda: update.status != 303 or shows(port, "Baza zwolniła."), 15)
        all_were_served(readers)
        assert max(reader.slowest for reader in readers) < 2
        for answer in reports:
            assert answer.status == 200 or refused(answer) is None
        taken = [sum(answer.status == status for answer in (*reports, update)) for status in (200, 303)]
        assert taken[0] >= 2, "two seconds are within the patience of a writer"
        until(lambda: get(port, "/readyz") is not None and program.report(account="9").status == 200)
    assert written(place) == (before[0] + taken[1], before[1] + taken[0] + 1), "what was answered is what is there"


def test_a_read_only_database_refuses_writers_saves_no_half_and_heals_by_itself(place: Place) -> None:
    with place.serving("run") as (_, port):
        program, editor = Browser(port, place.token), place.editor(port)
        assert program.report().status == 200
        before, form = written(place), editor.update("Znów można pisać.")
        with load_of(port) as readers:
            with faults.read_only(place):
                for number in range(4):
                    refused(program.report(account=str(number)))
                    refused(editor.send(UPDATE, form))
                    assert program.ask(ACCOUNT).status == 200, "what can be read is read"
                time.sleep(2)
            assert written(place) == before
            assert {program.report(account=str(number)).status for number in range(4)} == {200}
            assert editor.send(UPDATE, form).status == 303
            until(lambda: shows(port, "Znów można pisać."), 5)
        all_were_served(readers)


@pytest.mark.usefixtures("sqlite_alone")
def test_a_start_on_a_read_only_disk_serves_the_page_and_heals_when_the_disk_does(place: Place) -> None:
    with faults.small_disk(place.folder / "disk", "20m") as disk:
        there = Place(place.folder, f"sqlite:///{disk / 'statuspage.db'}", place.public, place.token)
        leave_open(place, disk)
        faults.remount(disk, "ro")
        with there.serving("run") as (_, port):
            program = Browser(port, place.token)
            for _ in range(3):
                refused(program.report())
            assert program.ask(ACCOUNT).status == 404, "what can be read is read"
            faults.remount(disk, "rw")
            until(lambda: program.report().status == 200, 20)
            assert {program.report(account=str(number)).status for number in range(8)} == {200}
            editor = there.editor(port)
            assert editor.send(UPDATE, editor.update("Dysk wrócił.")).status == 303
            until(lambda: shows(port, "Dysk wrócił."), 5)


def leave_open(place: Place, disk: Path) -> None:
    """Put the database on another disk as a machine that crashed leaves it: with its log and shared memory."""
    with place.app(), db.transaction(quiet=True):
        for file in place.database.parent.glob("statuspage.db*"):
            shutil.copy(file, disk)
