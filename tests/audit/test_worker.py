"""A real worker seals what was done."""

from pathlib import Path

import pytest

from statuspage import db
from statuspage.app import create_app
from statuspage.audit.actions import SYSTEM, record
from statuspage.audit.queries import verify
from statuspage.settings import load
from tests.audit.seals import unsealed
from tests.processes import running, until

pytestmark = pytest.mark.process


def test_what_was_done_is_sealed_within_seconds(tmp_path: Path) -> None:
    with running(tmp_path, "db", "upgrade") as migrated:
        assert migrated.process.wait(30) == 0, migrated.said()
    app = create_app(load(instance_dir=tmp_path / "instance", secret_key="x" * 32))
    with app.app_context():
        with db.transaction(quiet=True) as session:
            for number in range(3):
                record(session, SYSTEM, "test.act", f"thing:{number}")
        with running(tmp_path, "worker") as worker:
            until(lambda: not unsealed(), 30)
            assert "audit.sealed" in worker.said()
        with db.reading() as session:
            found = verify(session)
        db.db.engine.dispose()
    assert (found.sealed, found.holds) == (3, True)
