"""The migrations make the schema that the models describe."""

from datetime import UTC, datetime

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import insert, select, text

from statuspage import db
from statuspage.commands.database import bring_up, revisions
from statuspage.probing.models import ProbeResult
from statuspage.settings import data_dir
from tests.probing.cases import component_id
from tests.scenes import panels


@pytest.fixture
def bare(app: Flask) -> Flask:
    """An app on a database without any table."""
    db.Model.metadata.drop_all(db.db.engine)
    with db.db.engine.begin() as connection:
        connection.execute(text("DROP TABLE IF EXISTS alembic_version"))
    return app


def test_upgrading_from_empty_gives_the_schema_of_the_models(bare: Flask) -> None:
    bring_up(bare)
    with db.db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.Model.metadata) == []
        assert revisions(connection)[0] == revisions(connection)[1]


def test_upgrading_twice_changes_nothing(bare: Flask) -> None:
    bring_up(bare)
    bring_up(bare)
    with db.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM site")) == 1


def bring_up_to(app: Flask, revision: str) -> None:
    flask_migrate.Migrate(app, db.db, directory=str(data_dir() / "migrations"))
    db.create_file(db.db.engine)
    flask_migrate.upgrade(revision=revision)


def test_results_from_before_they_were_slim_are_kept(bare: Flask) -> None:
    bring_up_to(bare, "0003")
    with db.transaction(quiet=True) as session:
        session.execute(insert(db.Site).values(id=1))
        panels(session)
        one = component_id(session, "panel-a.login")
        session.execute(
            text(
                "INSERT INTO probe (id, component_id, name, kind, target, expect, interval, timeout, down_after,"
                " up_after, enabled, publishes_itself, created_at, verdict, streak, streak_ok)"
                " VALUES (1, :one, 'a', 'http', '', '{}', 30, 5, 2, 2, true, false, :at, 'up', 0, true)"
            ),
            {"one": one, "at": "2021-03-22 13:00:00"},
        )
        told = "INSERT INTO probe_result (probe_id, slot, at, ok, degraded, total_ms, phases, error) VALUES "
        session.execute(
            text(told + "(1, 1616418000, :at, true, false, 123.46, :phases, NULL)"),
            {
                "at": "2021-03-22 13:00:01.250000+00:00"[: 26 if session.get_bind().dialect.name == "sqlite" else None],
                "phases": '{"dns": 1.5, "first_byte": 100.26}',
            },
        )
        session.execute(
            text(told + "(1, 1616418030, :at, false, false, NULL, NULL, 'connection refused')"),
            {"at": "2021-03-22 13:00:30"},
        )
    bring_up(bare)
    with db.reading() as session:
        good, bad = session.scalars(select(ProbeResult).order_by(ProbeResult.slot))
        assert (good.at, good.ok, good.total_ms) == (datetime(2021, 3, 22, 13, 0, 1, 250_000, tzinfo=UTC), True, 123.5)
        assert good.phases == {"dns": 1.5, "first_byte": 100.3}
        assert (bad.ok, bad.total_ms, bad.phases, bad.error) == (False, None, {}, "connection refused")
