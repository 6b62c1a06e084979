"""The database is deleted, and somebody tells the world from a terminal: a web process and the plain folder show it."""

from pathlib import Path

import pytest

from tests.processes import get, until
from tests.survival.places import Place, found, shows

pytestmark = pytest.mark.process


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "instance").mkdir()
    return found(Place(tmp_path, f"sqlite:///{tmp_path / 'instance' / 'statuspage.db'}", tmp_path / "public"))


def ends(place: Place, *words: str) -> str:
    with place.running("post-update", *words) as one:
        assert one.process.wait(30) == 0, one.said()
        return one.said()


def test_readers_are_told_without_a_database_and_from_it_when_it_is_back(
    place: Place, request: pytest.FixtureRequest
) -> None:
    if request.config.getoption("--database") != "sqlite":
        pytest.skip("about a database file that is deleted; the command's own tests run on both engines")
    fire, english = ("--incident", "fire2021"), place.public / "current" / "en" / "index.html"
    kept = place.database.with_name("kept.db")
    with place.serving("web") as (_, port):
        place.database.rename(kept)
        said = ends(place, *fire, "--text", "pl=Nasza baza jest zepsuta.", "--text", "en=Our database is broken.")
        assert "cannot be reached" in said
        until(lambda: shows(port, "Nasza baza jest zepsuta."), 5)
        assert "Our database is broken." in english.read_text()
        asked = get(port, "/en/which-panel/?created=2020-09-15")
        assert asked is not None
        assert b"Our database is broken." in asked[2], "also what is made for one reader"
        ends(place, "--withdraw")
        until(lambda: not shows(port, "Nasza baza jest zepsuta."), 5)
        ends(place, *fire, "--text", "pl=Jeszcze trwa.")
        until(lambda: shows(port, "Jeszcze trwa."), 5)
        kept.rename(place.database)
        ends(place, *fire, "--text", "pl=Baza wróciła.", "--text", "en=It is back.")
        until(lambda: shows(port, "Baza wróciła.") and not shows(port, "Jeszcze trwa."), 15)
        assert "Jeszcze trwa." not in english.read_text()
