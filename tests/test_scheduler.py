"""The worker's table of jobs: one that fails never stops the others, and only the leader acts."""

import threading
import time
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import update
from structlog.testing import capture_logs

from statuspage import clock, db, scheduler
from statuspage.errors import Unavailable
from statuspage.failures.queries import failing
from statuspage.leases.jobs import Leadership
from statuspage.leases.models import Lease
from statuspage.probing.jobs import Prober
from statuspage.probing.shares import Shares
from statuspage.scheduler import Job, Runner
from statuspage.web.site import Site


def leader(name: str) -> Leadership:
    one = Leadership(name)
    one.renew()
    return one


def test_a_job_that_fails_does_not_stop_the_others_and_is_logged_once(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[float] = []

    def broken() -> None:
        raise RuntimeError("broken on purpose")

    table = [Job("broken", 0.05, broken), Job("good", 0.05, lambda: done.append(time.monotonic()))]
    monkeypatch.setattr(scheduler, "table", lambda site, prober: table)
    stop = threading.Event()
    thread = threading.Thread(target=scheduler.run, args=(app, site, stop))
    with capture_logs() as said:
        thread.start()
        deadline = time.monotonic() + 20
        while len(done) < 8 and time.monotonic() < deadline:
            time.sleep(0.05)
        stop.set()
        thread.join(5)
    assert len(done) >= 8
    assert [one["event"] for one in said].count("job.failed") == 1


def test_a_job_that_works_again_says_so_and_its_next_failure_is_told_anew(app: Flask) -> None:
    outcomes = iter([Unavailable("gone"), Unavailable("gone"), None, Unavailable("gone")])

    def sometimes() -> None:
        if error := next(outcomes):
            raise error

    run = Runner(app, Job("sometimes", 1, sometimes), leader("one"))
    with capture_logs() as said:
        for _ in range(4):
            run()
    events = [one["event"] for one in said]
    assert events.count("job.failed") == 2
    assert events.count("job.works_again") == 1


def test_only_the_worker_that_leads_acts_but_each_publishes(app: Flask) -> None:
    done: list[str] = []
    for job in (
        Job("alone", 1, lambda: done.append("alone")),
        Job("each", 1, lambda: done.append("each"), alone=False),
    ):
        Runner(app, job, Leadership("idle"))()
    assert done == ["each"]


@pytest.mark.usefixtures("app")
def test_a_second_worker_leads_only_when_the_first_resigned() -> None:
    first, second = leader("first"), Leadership("second")
    second.renew()
    assert first.is_mine()
    assert not second.is_mine()
    first.resign()
    second.renew()
    assert second.is_mine()
    assert (first.fence, second.fence) == (1, 2)


def test_each_job_stands_in_the_table_once(site: Site) -> None:
    prober, one = Prober(()), leader("one")
    names = [job.name for job in [*scheduler.rounds(one, Shares("one"), prober), *scheduler.table(site, prober)]]
    assert len(names) == len(set(names))


def test_what_a_paused_leader_wanted_to_write_is_left_to_the_one_that_took_over(app: Flask) -> None:
    first, second = leader("first"), Leadership("second")
    written: list[str] = []

    def take_over() -> None:
        with app.app_context():
            with db.transaction(quiet=True) as session:
                session.execute(update(Lease).values(expires_at=clock.wall()))
            second.renew()

    def write() -> None:
        another = threading.Thread(target=take_over)
        another.start()
        another.join()
        with db.transaction():
            written.append("too late")

    run = Runner(app, Job("write", 1, write), first)
    with capture_logs() as said:
        run()
    assert second.is_mine()
    assert written == []
    assert [one["event"] for one in said if "job" in one] == ["job.left_to_another"]


def test_the_site_is_published_while_the_worker_runs(app: Flask, site: Site) -> None:
    stop = threading.Event()
    thread = threading.Thread(target=scheduler.run, args=(app, site, stop))
    thread.start()
    try:
        started = time.monotonic()
        while not site.store.current.name and time.monotonic() - started < 30:
            time.sleep(0.02)
        first = site.store.current
        assert "/" in first.pages
        with db.transaction():
            pass
        started = time.monotonic()
        while site.store.current.revision == first.revision and time.monotonic() - started < 30:
            time.sleep(0.02)
        assert site.store.current.revision == first.revision + 1
    finally:
        stop.set()
        thread.join(10)


def test_mail_is_sent_by_the_worker_only_where_there_is_a_way(site: Site) -> None:
    assert scheduler.letters(site) == []
    chosen = site.settings.model_copy(update={"smtp_url": "outbox:", "mail_from": "status@example.com"})
    jobs = scheduler.letters(replace(site, settings=chosen))
    assert {one.name: (one.seconds, one.alone, one.run()) for one in jobs} == {
        "mail links": (3, True, 0),
        "remind of choices": (60, True, 0),
    }


def test_a_job_that_fails_is_told_to_the_desk_without_the_words_of_its_error(app: Flask) -> None:
    outcomes = iter([RuntimeError("ola@example.com"), None])

    def sometimes() -> None:
        if error := next(outcomes):
            raise error

    run = Runner(app, Job("sometimes", 1, sometimes), leader("one"))
    with capture_logs():
        run()
        with db.reading() as session:
            (found,) = failing(session, clock.wall())
        assert (found.job, found.holder, found.reason) == ("sometimes", "one", "RuntimeError")
        run()
    with db.reading() as session:
        assert failing(session, clock.wall()) == []
