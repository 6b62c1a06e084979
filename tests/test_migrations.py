"""The migrations make the schema that the models describe."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import text

from statuspage import db
from statuspage.commands.database import bring_up, revisions


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
