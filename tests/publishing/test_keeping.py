"""A web process publishes what nobody else does: the worker is dead, or lives on another machine."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest
from flask import Flask

from statuspage import db
from statuspage.app import assemble, create_app
from statuspage.listening import listen
from statuspage.publishing import actions, jobs
from statuspage.publishing.jobs import keep_up
from statuspage.publishing.store import Store
from statuspage.settings import Settings, load
from statuspage.web.site import Site
from tests.processes import until


class Keeping:
    """A thread that keeps a site's folder in step, as each web process has one."""

    def __init__(self, app: Flask, site: Site) -> None:
        self.app, self.site = app, site
        self.heard, self.stop = threading.Event(), threading.Event()
        self.threads = [threading.Thread(target=run) for run in (self._keep, self._listen)]

    def _keep(self) -> None:
        with self.app.app_context():
            keep_up(self.site.publisher, self.heard, self.stop)

    def _listen(self) -> None:
        with self.app.app_context():
            listen(db.db.engine, self.heard, self.stop)

    def __enter__(self) -> Self:
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop.set()
        self.heard.set()
        for thread in self.threads:
            thread.join(10)


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(jobs, "COURTESY", 0.05)
    monkeypatch.setattr(jobs, "SETTLING", 0.0)
    monkeypatch.setattr(actions, "REST", 0.0)
    return


def write() -> int:
    with db.transaction():
        pass
    with db.reading() as session:
        return session.query(db.Site.revision).scalar() or 0


def test_what_somebody_wrote_elsewhere_is_published_here(
    app: Flask, site: Site, settings: Settings, tmp_path: Path
) -> None:
    elsewhere = load(
        instance_dir=tmp_path / "other",
        database_url=settings.database,
        secret_key=settings.secret,
        public_dir=tmp_path / "p",
    )
    other = create_app(elsewhere)
    with Keeping(other, other.extensions["statuspage"]) as keeping:
        until(lambda: keeping.site.store.follow().name)
        revision = write()
        until(lambda: Store(tmp_path / "p").follow().revision >= revision)
    with other.app_context():
        db.db.engine.dispose()


def test_on_postgresql_it_is_heard_without_waiting_for_the_next_look(
    app: Flask, site: Site, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    if request.config.getoption("--database") != "postgresql":
        pytest.skip("SQLite has one machine, and nobody to tell")
    monkeypatch.setattr(jobs, "LOOK_EVERY", 600.0)
    with Keeping(app, site) as keeping:
        until(lambda: site.store.follow().name)
        revision = write()
        assert until(lambda: keeping.site.store.follow().revision >= revision) < 5


def test_a_worker_that_publishes_in_time_is_not_run_over(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "COURTESY", 1.0)
    monkeypatch.setattr(jobs, "LOOK_EVERY", 0.05)
    site.publisher.publish()
    worker = assemble(site.settings).publisher
    with Keeping(app, site):
        for _ in range(3):
            write()
            threading.Event().wait(0.3)
            worker.publish()
        published = site.store.follow()
        threading.Event().wait(1.2)
    assert site.store.follow().name in {published.name, f"{int(published.name) + 1:012d}"}


def test_it_survives_a_database_that_goes_and_comes_back(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "LOOK_EVERY", 0.05)
    calls = []

    def broken() -> bool:
        calls.append(1)
        if len(calls) < 4:
            raise RuntimeError("it is gone")
        return len(calls) == 4

    monkeypatch.setattr(site.publisher, "is_due", broken)
    with Keeping(app, site):
        until(lambda: len(calls) > 6)
