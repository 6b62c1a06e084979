"""The worker publishes what the web processes of its machine wrote; without it they do so themselves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from statuspage import db
from statuspage.app import assemble
from statuspage.publishing import actions, jobs
from statuspage.publishing.actions import Publisher
from statuspage.publishing.jobs import publish_for_all
from statuspage.publishing.rendering import Rendering
from statuspage.publishing.waking import is_awake, listening
from statuspage.web.site import Site
from tests.processes import until


@contextmanager
def working(app: Flask, publisher: Publisher) -> Iterator[None]:
    """A worker's thread that publishes, as each machine has one."""
    stop = threading.Event()

    def work() -> None:
        with app.app_context():
            publish_for_all(publisher, stop)

    thread = threading.Thread(target=work, name="worker")
    thread.start()
    try:
        until(lambda: is_awake(publisher.store.folder))
        yield
    finally:
        stop.set()
        thread.join(10)


@pytest.fixture
def rendered_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that rendered something."""
    names: list[str] = []
    render = Rendering.render

    def noted(self: Rendering, *given: object) -> bool:
        names.append(threading.current_thread().name)
        return render(self, *given)  # type: ignore[arg-type]  # handed on as it came

    monkeypatch.setattr(Rendering, "render", noted)
    return names


def write() -> int:
    with db.transaction():
        pass
    with db.reading() as session:
        return session.query(db.Site.revision).scalar() or 0


def test_the_worker_publishes_at_once_what_a_web_process_wrote(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch, rendered_by: list[str]
) -> None:
    monkeypatch.setattr(jobs, "WORKER_LOOKS_EVERY", 60.0)
    monkeypatch.setattr(actions, "WORKER_PATIENCE", 30.0)
    site.publisher.publish()
    rendered_by.clear()
    with working(app, assemble(site.settings).publisher):
        for _ in range(3):
            revision = write()
            assert site.publisher.catch_up()
            assert site.store.current.revision >= revision
        monkeypatch.setattr(jobs, "WORKER_LOOKS_EVERY", 0.01)
        write()
        assert site.publisher.catch_up()
    assert set(rendered_by) == {"worker"}


def test_a_worker_that_hears_but_does_nothing_is_not_waited_for_long(
    site: Site, monkeypatch: pytest.MonkeyPatch, rendered_by: list[str]
) -> None:
    monkeypatch.setattr(actions, "WORKER_PATIENCE", 0.05)
    with listening(site.store.folder):
        revision = write()
        assert site.publisher.catch_up()
        assert site.store.current.revision >= revision
    assert rendered_by == ["MainThread"]


def test_what_nobody_called_for_is_published_when_it_is_due(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "REST", 0.0)
    with working(app, assemble(site.settings).publisher):
        revision = write()
        until(lambda: site.store.follow().revision >= revision)


def test_what_can_wait_follows_the_hurried_version(app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "REST", 0.0)
    with working(app, assemble(site.settings).publisher):
        write()
        site.publisher.catch_up()
        until(lambda: not site.publisher.is_overtaken(site.store.follow()))


def test_a_worker_outlives_whatever_happens_to_a_publication(
    app: Flask, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "REST", 0.0)
    worker = assemble(site.settings).publisher
    failures = []
    sound = worker.is_due

    def broken() -> bool:
        failures.append(1)
        if len(failures) < 3:
            raise RuntimeError("it is gone")
        return sound()

    monkeypatch.setattr(worker, "is_due", broken)
    monkeypatch.setattr(jobs, "WORKER_LOOKS_EVERY", 0.01)
    with working(app, worker):
        revision = write()
        until(lambda: site.store.follow().revision >= revision)
    assert len(failures) >= 3
