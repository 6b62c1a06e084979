"""What is wrong, and what to do."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from statuspage.cli import main
from statuspage.db import transaction
from statuspage.leases.actions import hold
from statuspage.settings import Settings
from statuspage.web.site import Site
from tests.mail.sinks import sink


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(settings.instance_dir))
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", settings.database)
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY", "test" * 8)


def ask() -> tuple[Result, dict[str, bool]]:
    answer = CliRunner().invoke(main, ["doctor", "--json"])
    return answer, {one["check"]: one["fine"] for one in json.loads(answer.stdout)}


@pytest.mark.usefixtures("environment")
def test_each_thing_that_is_wrong_is_said_with_what_to_do(site: Site) -> None:
    answer, fine = ask()
    assert answer.exit_code == 1
    assert not fine["page"]
    assert not fine["worker"]
    assert fine["database"]
    assert "statuspage publish" in CliRunner().invoke(main, ["doctor"]).stdout
    site.publisher.publish()
    with transaction(quiet=True) as session:
        hold(session, "worker", "somebody", 60)
    _, fine = ask()
    assert fine["page"]
    assert fine["worker"]


def test_without_a_database_it_says_how_to_make_one_and_makes_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "new"))
    monkeypatch.delenv("STATUSPAGE_DATABASE_URL", raising=False)
    answer = CliRunner().invoke(main, ["doctor"])
    assert answer.exit_code == 1
    assert "statuspage db upgrade" in answer.stdout
    assert not list(tmp_path.rglob("*.db"))


@pytest.mark.usefixtures("environment")
def test_a_mail_server_that_does_not_answer_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask()[1]["mail"]
    monkeypatch.setenv("STATUSPAGE_MAIL_FROM", "status@example.com")
    with sink() as server:
        monkeypatch.setenv("STATUSPAGE_SMTP_URL", server.url)
        assert ask()[1]["mail"]
        assert server.taken == []
    assert not ask()[1]["mail"]
    assert "check STATUSPAGE_SMTP_URL" in CliRunner().invoke(main, ["doctor"]).stdout
