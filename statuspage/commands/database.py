"""`statuspage db …`: the schema."""

import click
import flask_migrate
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import Connection, insert, select

from statuspage import db
from statuspage.commands.context import app_context, fail
from statuspage.settings import data_dir


@click.group("db")
def group() -> None:
    """The database's schema."""


@group.command()
def upgrade() -> None:
    """Create the tables, or bring them up to date."""
    with app_context() as (app, _):
        bring_up(app)
    click.echo("The database is up to date.")


@group.command()
def check() -> None:
    """Say whether the schema is up to date (exit code 1 when not)."""
    with app_context(), db.db.engine.connect() as connection:
        current, head = revisions(connection)
    if current != head:
        fail(f"the schema is at {current or 'nothing'}, not at {head}: run `statuspage db upgrade`")
    click.echo(f"The schema is up to date ({head}).")


def bring_up(app: Flask) -> None:
    """Migrate to the newest schema; makes the SQLite file and the site's row where there are none."""
    if "migrate" not in app.extensions:
        flask_migrate.Migrate(app, db.db, directory=str(data_dir() / "migrations"))
    db.create_file(db.db.engine)
    flask_migrate.upgrade()
    with db.transaction() as session:
        if session.scalar(select(db.Site.id)) is None:
            session.execute(insert(db.Site).values(id=1))


def revisions(connection: Connection) -> tuple[str | None, str | None]:
    """The schema's revision in the database, and the newest there is."""
    scripts = ScriptDirectory(str(data_dir() / "migrations"))
    return MigrationContext.configure(connection).get_current_revision(), scripts.get_current_head()
