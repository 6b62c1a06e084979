"""`statuspage demo` where it does not start: wrong moments, foreign data, panels that are not there."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from statuspage import clock, db
from statuspage.accounts.models import Role, Staff
from statuspage.app import create_app
from statuspage.cli import main
from statuspage.demo.props import Prop, Props
from statuspage.settings import Settings, load
from tests.processes import free_port


@pytest.fixture
def say(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> "Say":
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(settings.instance_dir))
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", settings.database)
    # The command sets these for its children; monkeypatch puts them back.
    monkeypatch.setenv("STATUSPAGE_BASE_URL", settings.base_url)
    monkeypatch.setenv("STATUSPAGE_PROBE_ALLOW_PRIVATE", "off")
    return Say()


class Say:
    def __call__(self, *words: str) -> Result:
        return CliRunner().invoke(main, words)


@pytest.mark.parametrize("words", ["2021-02-31", "yesterday", "2022-03-12", "2021-03-12T25:00"])
def test_a_moment_outside_the_story_is_refused(say: Say, words: str) -> None:
    answer = say("demo", "--at", words)
    assert answer.exit_code == 2
    assert "--at" in answer.output


def test_other_data_is_not_touched(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'theirs.db'}"
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", url)
    assert say("db", "upgrade").exit_code == 0
    app = create_app(load(database_url=url, instance_dir=tmp_path))
    with app.app_context():
        with db.transaction() as session:
            session.add(Staff(email="ola@example.com", role=Role.ADMIN, created_at=clock.wall()))
        answer = say("demo", "--port", str(free_port()), "--at", "2021-03-12")
        with db.reading() as session:
            assert session.scalars(select(Staff.email)).all() == ["ola@example.com"]
        db.db.engine.dispose()
    assert answer.exit_code == 1
    assert "not the demo's" in answer.output


def test_there_is_nothing_to_break_before_the_first_start(say: Say) -> None:
    answer = say("demo", "break", "panel-b")
    assert answer.exit_code == 1
    assert "start it first" in answer.output


def test_breaking_and_mending_are_noted_for_the_fake_panels(say: Say, settings: Settings) -> None:
    props = Props(Path(settings.instance_dir))
    props.keep({"panel-a": Prop(1, 2, "a"), "panel-b": Prop(3, 4, "b")})
    assert say("demo", "break", "panel-b").exit_code == 0
    assert say("demo", "break", "panel-a").exit_code == 0
    assert json.loads(props.broken_file.read_text()) == ["panel-a", "panel-b"]
    assert say("demo", "mend", "panel-b").exit_code == 0
    assert props.broken() == {"panel-a"}
    unknown = say("demo", "break", "panel-x")
    assert unknown.exit_code == 1
    assert "panel-a, panel-b" in unknown.output
