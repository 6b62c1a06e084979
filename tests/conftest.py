"""What all tests share: an app on a fresh database of the chosen engine, published into a folder of its own."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, make_url, text

from statuspage import clock, db
from statuspage.app import create_app
from statuspage.audit import guards
from statuspage.settings import Settings, load
from statuspage.web.site import Site
from tests import postgres, scenes

# How long an example takes says something about the machine, not about the product.
hypothesis.settings.register_profile("statuspage", deadline=None)
hypothesis.settings.load_profile("statuspage")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=["sqlite", "postgresql"], default="sqlite")


@pytest.fixture(scope="session")
def empty_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty schema: a file to copy on SQLite, a database of this worker on PostgreSQL."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    folder = tmp_path_factory.mktemp("schema")
    if request.config.getoption("--database") == "sqlite":
        url = f"sqlite:///{folder / 'empty.db'}"
        _create_schema(url, folder)
        yield url
        return
    with postgres.database(f"test_{worker}_{os.getpid()}") as url:
        _create_schema(url, folder)
        yield url


def _create_schema(url: str, folder: Path) -> None:
    app = create_app(load(instance_dir=folder, database_url=url, secret_key="x" * 32))
    with app.app_context():
        db.create_file(db.db.engine)
        db.Model.metadata.create_all(db.db.engine)
        with db.transaction() as session:
            session.add(db.Site(id=1))
        db.db.engine.dispose()


@pytest.fixture
def database_url(empty_database: str, tmp_path: Path) -> str:
    """A database of this test's own, with the schema and nothing in it."""
    if empty_database.startswith("sqlite"):
        copy = tmp_path / "instance" / "statuspage.db"
        copy.parent.mkdir()
        shutil.copy(empty_database.removeprefix("sqlite:///"), copy)
        return f"sqlite:///{copy}"
    engine = create_engine(make_url(empty_database).set(drivername="postgresql+psycopg"))
    with engine.begin() as connection:
        tables = ", ".join(f'"{table.name}"' for table in db.Model.metadata.sorted_tables)
        guards.take_down(connection)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY CASCADE"))
        guards.put_up(connection)
        connection.execute(db.Site.__table__.insert().values(id=1))
    engine.dispose()
    return empty_database


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return load(instance_dir=tmp_path / "instance", database_url=database_url, secret_key="test" * 8)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    with app.app_context():
        yield app
        db.db.engine.dispose()


@pytest.fixture
def site(app: Flask) -> Site:
    site: Site = app.extensions["statuspage"]
    return site


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def scene(site: Site) -> Site:
    """The fire on 22 March 2021 at 14:05, written and published."""
    scenes.live_at()
    with db.transaction() as session:
        scenes.everything(session)
    site.publisher.publish()
    return site


@pytest.fixture(autouse=True)
def true_time() -> Iterator[None]:
    """No test leaves its story time behind."""
    yield
    clock.tell_story(timedelta())
