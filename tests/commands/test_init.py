"""`statuspage init`: an empty site."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from statuspage.cli import main


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", f"sqlite:///{tmp_path / 'site.db'}")


def test_an_empty_site_has_one_administrator_who_comes_in_by_a_link(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["init", "ola@example.com"])
    assert answer.exit_code == 0, answer.output
    assert "/staff/sign-in/" in answer.output
    assert (tmp_path / "instance" / "public" / "current" / "index.html").exists()


def test_a_second_time_it_changes_nothing() -> None:
    CliRunner().invoke(main, ["init", "ola@example.com"])
    again = CliRunner().invoke(main, ["init", "eve@example.com"])
    assert again.exit_code == 1
    assert "staff add" in again.output


def test_what_is_no_address_is_refused() -> None:
    answer = CliRunner().invoke(main, ["init", "ola"])
    assert answer.exit_code == 1
    assert "Traceback" not in answer.output
