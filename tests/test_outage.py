"""The whole path: a panel dies, its component turns red on the published page and one draft waits for staff."""

import json
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from statuspage import db
from statuspage.app import create_app
from statuspage.incidents.models import Incident
from statuspage.settings import load
from tests.probing.cases import with_probes
from tests.probing.targets import fake_panel
from tests.processes import free_port, get, running, until

pytestmark = pytest.mark.process


def test_a_dying_panel_turns_red_on_the_page_raises_one_draft_and_is_green_again_when_mended(tmp_path: Path) -> None:
    port = free_port()
    with fake_panel() as panel, running(tmp_path, "db", "upgrade") as migrated:
        assert migrated.process.wait(20) == 0
        app = create_app(load(instance_dir=tmp_path / "instance", secret_key="x" * 32))
        with app.app_context():
            with_probes("panel-b.login", "panel-b.api", target=panel.url, interval=1, timeout=0.8)
            allowed = {"STATUSPAGE_PROBE_ALLOW_PRIVATE": "127.0.0.1/32"}
            with running(tmp_path, "run", "--port", str(port), **allowed) as one:
                until(lambda: status(port) == "operational")
                panel.status = 500
                until(lambda: status(port) == "major_outage", 10)
                until(lambda: drafts(published=False) == 1, 15)
                time.sleep(1.5)
                assert (drafts(published=False), drafts(published=True)) == (1, 0)
                panel.status = 200
                until(lambda: status(port) == "operational", 15)
                assert one.stop() < 10
            db.db.engine.dispose()


def status(port: int) -> str | None:
    """The state of panel B's login as programs read it."""
    found = get(port, "/api/v2/components.json")
    if found is None or found[0] != 200:
        return None
    components = json.loads(found[2])["components"]
    group = next(one["id"] for one in components if one["group"] and one["name"] == "Panel B")
    return next(
        one["status"] for one in components if one["group_id"] == group and one["name"] in ("Logowanie", "Logging in")
    )


def drafts(*, published: bool) -> int:
    with db.reading() as session:
        what = Incident.published_at.is_not(None) if published else Incident.published_at.is_(None)
        return session.scalars(select(func.count(Incident.id)).where(what)).one()
