"""What machines that watch us see."""

from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from flask.testing import FlaskClient

from statuspage import clock, db
from statuspage.publishing.documents import Document
from statuspage.web.site import Site
from tests.probing.cases import saw, stored, with_probes


def test_a_process_that_answers_is_healthy(client: FlaskClient) -> None:
    assert client.get("/healthz").text == "ok\n"


def test_ready_means_a_usable_database_and_a_fresh_page(client: FlaskClient, site: Site) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "nothing is published\n")
    site.publisher.publish()
    assert client.get("/readyz").status_code == 200
    with time_machine.travel(clock.wall() + timedelta(minutes=5)):
        answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "s old" in answer.text


def test_metrics_count_probes_outages_and_the_age_of_the_page(client: FlaskClient, site: Site) -> None:
    (one,) = with_probes("panel-a.login")
    stored(*saw(one, False, False))
    site.publisher.publish()
    text = client.get("/metrics").text
    for line in (
        'statuspage_probes{verdict="down"} 1.0',
        'statuspage_probes{verdict="up"} 0.0',
        "statuspage_outages_open 1.0",
        "statuspage_database_up 1.0",
        "statuspage_worker_up 0.0",
        "statuspage_workers 0.0",
    ):
        assert line in text
    assert "statuspage_published_age_seconds" in text


def test_what_cannot_be_rendered_is_counted(client: FlaskClient, site: Site) -> None:
    def broken() -> bytes:
        raise RuntimeError("a template is broken")

    site.publisher.publish()
    assert "statuspage_documents_failing 0.0" in client.get("/metrics").text
    site.publisher.libraries = [lambda snapshot: [Document("/broken.txt", "text/plain", "", broken)]]
    site.publisher.publish()
    assert "statuspage_documents_failing 1.0" in client.get("/metrics").text


def test_without_a_database_metrics_still_answer_and_ready_says_no(client: FlaskClient, site: Site) -> None:
    path = db.sqlite_path(db.db.engine)
    if path is None:
        pytest.skip("a database file can only be taken away on SQLite")
    site.publisher.publish()
    db.db.engine.dispose()
    for file in Path(path.parent).glob("statuspage.db*"):
        file.unlink()
    assert "statuspage_database_up 0.0" in client.get("/metrics").text
    answer = client.get("/readyz")
    assert (answer.status_code, answer.text) == (503, "the database cannot be used\n")
