"""`statuspage backup` and `restore`: the drill, and what they refuse."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from statuspage import db
from statuspage.app import create_app
from statuspage.cli import main
from statuspage.panels.models import Panel
from statuspage.serving import only_one
from statuspage.settings import load
from tests import scenes

MISTAKE = "Renamed by mistake"


@pytest.fixture
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site in a folder of its own, on SQLite, with the four panels published."""
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", f"sqlite:///{tmp_path / 'site.db'}")
    assert run("db", "upgrade").exit_code == 0
    write(scenes.panels)
    assert run("publish").exit_code == 0
    return tmp_path / "site.db"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words))


def write(change: Callable[[db.Session], object]) -> None:
    app = create_app(load(secret_key="x" * 32))
    with app.app_context():
        with db.transaction() as session:
            change(session)
        db.db.engine.dispose()


def rename(session: db.Session) -> None:
    session.query(Panel).filter_by(slug="panel-b").update({"name": scenes.both(MISTAKE, MISTAKE)})


def page(folder: Path) -> str:
    return (folder / "instance" / "public" / "current" / "index.html").read_text()


def test_what_was_backed_up_is_on_the_page_again_after_a_restore(tmp_path: Path, database: Path) -> None:
    assert run("backup", str(tmp_path / "copy.db")).exit_code == 0
    for _ in range(3):
        write(rename)
    run("publish")
    assert MISTAKE in page(tmp_path)
    assert "Panel B" not in page(tmp_path)
    restored = run("restore", str(tmp_path / "copy.db"))
    assert restored.exit_code == 0, restored.output
    assert run("publish").exit_code == 0
    assert MISTAKE not in page(tmp_path)
    assert "Panel B" in page(tmp_path)
    (kept,) = tmp_path.glob("site.db.before-restore-*")
    with closing(sqlite3.connect(kept)) as before:
        assert MISTAKE in before.execute("SELECT name FROM panel WHERE slug = 'panel-b'").fetchone()[0]


def test_a_lost_database_is_brought_back(tmp_path: Path, database: Path) -> None:
    run("backup", str(tmp_path / "copy.db"))
    database.unlink()
    assert run("restore", str(tmp_path / "copy.db")).exit_code == 0
    assert run("publish").exit_code == 0
    assert "Panel B" in page(tmp_path)
    assert list(tmp_path.glob("site.db.before-restore-*")) == []


def test_a_backup_holds_what_is_still_in_the_log_alone_and_nobody_else_may_read_it(
    tmp_path: Path, database: Path
) -> None:
    copy = tmp_path / "copy.db"
    with closing(sqlite3.connect(database)) as busy:
        busy.execute("UPDATE panel SET name = 'In the log' WHERE slug = 'panel-b'")
        busy.commit()
        assert (tmp_path / "site.db-wal").stat().st_size > 0
        assert run("backup", str(copy)).exit_code == 0
    with closing(sqlite3.connect(copy)) as copied:
        assert copied.execute("SELECT name FROM panel WHERE slug = 'panel-b'").fetchone() == ("In the log",)
    assert copy.stat().st_mode & 0o077 == 0
    assert [one.name for one in tmp_path.iterdir() if one.name.startswith(".")] == []


def test_a_backup_overwrites_nothing(tmp_path: Path, database: Path) -> None:
    (tmp_path / "copy.db").write_text("dear to somebody")
    refused = run("backup", str(tmp_path / "copy.db"))
    assert refused.exit_code == 1
    assert "exists already" in refused.output
    assert (tmp_path / "copy.db").read_text() == "dear to somebody"


def test_a_database_that_is_gone_is_not_made_anew_by_its_backup(tmp_path: Path, database: Path) -> None:
    database.unlink()
    assert run("backup", str(tmp_path / "copy.db")).exit_code == 1
    assert not database.exists()
    assert not (tmp_path / "copy.db").exists()


def test_nothing_is_restored_under_a_running_site(tmp_path: Path, database: Path) -> None:
    run("backup", str(tmp_path / "copy.db"))
    before = database.stat().st_ino
    with only_one(tmp_path / "instance"):
        refused = run("restore", str(tmp_path / "copy.db"))
    assert refused.exit_code == 1
    assert "stop it first" in refused.output
    assert database.stat().st_ino == before


@pytest.mark.parametrize("damage", ["no database at all", "another program's", "cut off"])
def test_a_file_that_is_no_backup_changes_nothing(tmp_path: Path, database: Path, damage: str) -> None:
    wrong = tmp_path / "wrong.db"
    if damage == "another program's":
        with closing(sqlite3.connect(wrong)) as other:
            other.execute("CREATE TABLE recipes (name)")
    elif damage == "cut off":
        run("backup", str(wrong))
        wrong.write_bytes(wrong.read_bytes()[: wrong.stat().st_size // 2])
    else:
        wrong.write_text(damage * 500)
    before = database.stat().st_ino
    refused = run("restore", str(wrong))
    assert refused.exit_code == 1
    assert "nothing was changed" in refused.output
    assert "Traceback" not in refused.output
    assert database.stat().st_ino == before
    assert list(tmp_path.glob("*.before-restore-*")) == []


@pytest.mark.parametrize(("command", "tool"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_postgresql_has_its_own_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, tool: str) -> None:
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path))
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    answer = run(command, str(tmp_path / "copy.db"))
    assert answer.exit_code == 1
    assert tool in answer.output
