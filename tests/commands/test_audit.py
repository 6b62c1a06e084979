"""`statuspage audit verify`: what it says, and with which exit code it ends."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import update

from statuspage.audit import guards
from statuspage.audit.models import AuditEntry
from statuspage.cli import main
from statuspage.db import transaction
from tests.audit.seals import seal_all


@pytest.fixture(autouse=True)
def environment(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", database_url)
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY", "test" * 8)
    monkeypatch.chdir(tmp_path)


def run(*words: str) -> Result:
    return CliRunner().invoke(main, words)


def a_log_of_three() -> None:
    for name in ("anna", "ola", "jan"):
        assert run("staff", "add", f"{name}@example.com").exit_code == 0


def test_an_empty_log_holds() -> None:
    answer = run("audit", "verify")
    assert (answer.exit_code, answer.output) == (
        0,
        "The log holds: 0 entries are what they were when they were sealed.\n",
    )


def test_it_says_how_much_is_not_sealed_and_the_digest_to_keep() -> None:
    a_log_of_three()
    before = json.loads(run("audit", "verify", "--json").output)
    assert (before["sealed"], before["digest"]) == (0, None)
    assert before["unsealed"] >= 3
    sealed = seal_all()
    run("staff", "reset", "ola@example.com")
    answer = run("audit", "verify")
    assert answer.exit_code == 0
    assert f"{sealed} entries are what they were" in answer.output
    assert "1 not sealed yet" in answer.output
    kept = answer.output.split()[-1]
    seal_all()
    assert run("audit", "verify", "--expect", kept).exit_code == 0


def test_a_broken_log_ends_with_1_and_names_the_first_place() -> None:
    a_log_of_three()
    seal_all()
    kept = json.loads(run("audit", "verify", "--json").output)["digest"]
    with transaction() as session:
        guards.take_down(session.connection())
        session.execute(update(AuditEntry).where(AuditEntry.id > 1).values(actor="nobody"))
    answer = run("audit", "verify", "--expect", kept)
    assert answer.exit_code == 1
    assert "BROKEN: entry 2 is not what it was when it was sealed. The 1 before it hold." in answer.output
    assert "missing audit_entry_kept" in answer.output
    document = json.loads(run("audit", "verify", "--json", "--expect", kept).output)
    assert document["fault"] == {"entry": 2, "kind": "changed"}
    assert (document["holds"], document["expected_found"]) == (False, False)


def test_a_backup_takes_the_seals_and_the_guards_along(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not database_url.startswith("sqlite"):
        pytest.skip("PostgreSQL has its own tools for backups")
    a_log_of_three()
    sealed = seal_all()
    assert run("backup", "copy.db").exit_code == 0
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", f"sqlite:///{tmp_path / 'copy.db'}")
    found = json.loads(run("audit", "verify", "--json").output)
    assert (found["holds"], found["sealed"], found["missing_guards"]) == (True, sealed, [])


def test_a_digest_that_is_none_is_refused_with_what_to_give() -> None:
    answer = run("audit", "verify", "--expect", "abc")
    assert answer.exit_code == 2
    assert "64 characters" in answer.output
