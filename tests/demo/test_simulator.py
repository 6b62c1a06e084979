"""The restoration that goes on before the reader's eyes, reported by the API as panel C's servers would."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import WSGIRequestHandler, make_server

from statuspage import db
from statuspage.client import Client
from statuspage.demo import load
from statuspage.demo.accounts import LAG
from statuspage.demo.simulator import key, last_report, step
from statuspage.demo.story import OPENING
from statuspage.panels.models import Panel
from statuspage.recovery.actions.reports import counted
from statuspage.recovery.models import StageCount, Transfer
from statuspage.recovery.rules.reports import State


class Quiet(WSGIRequestHandler):
    """Says nothing about each request, and takes bodies in chunks."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *args: object) -> None:
        pass


@pytest.fixture
def client(app: Flask) -> Iterator[Client]:
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Client(f"http://127.0.0.1:{server.port}", key(), patience=10)
    server.shutdown()
    thread.join()
    server.server_close()


def test_ten_minutes_later_more_accounts_are_back_and_the_counters_equal_a_recount(client: Client) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    client = Client(str(client.address), key())
    before = last_report()
    assert before == OPENING - LAG
    half = step(client, before, before + timedelta(minutes=5))
    step(client, half, before + timedelta(minutes=10))
    # A report that is sent again changes nothing.
    step(client, before, before + timedelta(minutes=10))
    with db.reading() as session:
        panel = session.scalars(select(Panel.id).where(Panel.slug == "panel-c")).one()
        counts = {(one.stage, one.state): one.accounts for one in session.scalars(select(StageCount)) if one.accounts}
        assert counts == counted(session, panel)
        assert counts["access", State.RESTORED] == 12_410 + (15_020 - 12_410) * 10 // 120
        rest = session.scalars(select(Transfer).where(Transfer.public_id == "temporary-rest")).one()
        assert rest.waiting < 214
        assert rest.created + rest.merged + rest.failed + rest.waiting == rest.total
