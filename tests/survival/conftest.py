"""The site of each test, on the engine that was chosen."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests import postgres
from tests.survival.places import Place, found


@pytest.fixture
def url(empty_database: str, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, with nothing in it."""
    if empty_database.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'instance' / 'statuspage.db'}"
        return
    with postgres.another(empty_database, f"survival_{uuid4().hex[:8]}") as url:
        yield url


@pytest.fixture
def place(url: str, tmp_path: Path) -> Place:
    return found(Place(tmp_path, url, tmp_path / "instance" / "public"))


@pytest.fixture
def sqlite_alone(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("this happens to a file")
