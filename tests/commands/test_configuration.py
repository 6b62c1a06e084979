"""`statuspage import` and `export`: what they say, their exit codes, and that what is wrong writes nothing."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from sqlalchemy import select

from statuspage.cli import main
from statuspage.db import Site, reading, transaction
from statuspage.estimates.models import Estimate
from statuspage.panels.models import Panel
from statuspage.probing.models import Probe
from statuspage.web import yaml
from tests import scenes
from tests.configuration.sites import SITE

HEARTBEAT = re.compile(r"http://127\.0\.0\.1:8000(/api/v1/heartbeats/\S+)")


@pytest.fixture(autouse=True)
def environment(app: Flask, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", database_url)
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY", "test" * 8)
    monkeypatch.chdir(tmp_path)


def put(words: str, *options: str) -> Result:
    Path("panels.yaml").write_text(words)
    return CliRunner().invoke(main, ["import", "panels.yaml", *options])


def export(*options: str) -> Result:
    return CliRunner().invoke(main, ["export", *options])


def revision() -> int:
    with reading() as session:
        return session.scalars(select(Site.revision)).one()


def panels() -> list[str]:
    with reading() as session:
        return list(session.scalars(select(Panel.slug).order_by(Panel.slug)))


def test_a_dry_run_says_what_would_change_and_changes_nothing() -> None:
    before = revision()
    answer = put(SITE, "--dry-run")
    assert answer.exit_code == 0, answer.output
    assert "+ panel panel-a: created" in answer.output
    assert "7 would change, 0 unchanged." in answer.output
    assert not HEARTBEAT.search(answer.output)
    assert (panels(), revision()) == ([], before)


def test_an_import_is_on_the_page_and_tells_the_address_of_a_new_heartbeat_once(client: FlaskClient) -> None:
    answer = put(SITE)
    assert answer.exit_code == 0, answer.output
    found = HEARTBEAT.search(answer.output)
    assert found is not None
    assert client.post(found[1]).status_code == 204
    page = Path("instance/public/current/panels/panel-b/index.html")
    assert "Panel B" in page.read_text()
    before = revision()
    again = put(SITE)
    assert (again.exit_code, again.output) == (0, "0 changed, 7 unchanged.\n")
    assert revision() == before


def test_a_difference_is_told_value_by_value_but_no_secret() -> None:
    put(SITE.replace("keyword: Welcome", 'headers: "Authorization: s3cret"'))
    changed = SITE.replace("keyword: Welcome", 'headers: "Authorization: 0ther"').replace("/health", "/health?key=k3y")
    answer = put(changed.replace("en: Older accounts.", "en: Old accounts.").replace("2019-11-17", "2019-11-16"))
    assert '    description.en: "Older accounts." → "Old accounts."\n' in answer.output
    assert "    accounts_until: 2019-11-17 → 2019-11-16\n" in answer.output
    assert "    headers: (not shown) → (not shown)\n" in answer.output
    assert not [secret for secret in ("s3cret", "0ther", "k3y") if secret in answer.output]
    as_json = put(changed, "--json", "--dry-run")
    assert [one["key"] for one in json.loads(as_json.output)["changes"]] == [["panel-a"]]


@pytest.mark.parametrize(
    ("right", "wrong", "line", "words"),
    [
        ("key: true", "key: yes", 5, "true or false"),
        ("slug: api", "slug: login", 6, "login stands twice"),
        ("slug: panel-b", "slug: panel-a", 25, "panel-a stands twice"),
        ("key: true", "key: true\n    key: true", 6, "the key key stands twice"),
        ("      api:\n        probes", "      apis:\n        probes", 22, "there is no function apis"),
        ("2019-11-18", "2019-11-17", 27, "overlap with those of panel-a"),
        ("https://panel-a.example.com/health", "http://127.0.0.1/", 20, "PROBE_ALLOW_PRIVATE"),
        ("https://panel-a.example.com/health", "http://[64:ff9b::a00:1]/", 20, "PROBE_ALLOW_PRIVATE"),
        ("https://panel-a.example.com/health", "http://2130706433/", 20, "plain name"),
        ("https://panel-a.example.com/health", "${HOST_OF_A}", 20, "needs the variable HOST_OF_A"),
        ("keyword: Welcome", "timeout: 31", 21, "At most the interval"),
        ("- {name: import", "- {name: import, kind: heartbeat}\n          - {name: import", 25, "import stands twice"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_its_line_and_nothing_is_written(
    right: str, wrong: str, line: int, words: str
) -> None:
    before = revision()
    assert right in SITE
    answer = put(SITE.replace(right, wrong, 1))
    assert answer.exit_code == 2
    assert re.search(rf"^panels\.yaml:{line}: /\S*: .*{words}", answer.output, re.MULTILINE), answer.output
    assert "Traceback" not in answer.output
    assert (panels(), revision()) == ([], before)


def test_faults_come_as_json_too() -> None:
    answer = CliRunner().invoke(main, ["import", "-", "--json"], input="panels: 7\n")
    assert answer.exit_code == 2
    assert json.loads(answer.stdout) == {"errors": [{"line": 1, "path": "/panels", "reason": "must be a list"}]}


def test_json_is_read_like_yaml() -> None:
    assert put(json.dumps(yaml.read(SITE.encode()).data)).exit_code == 0
    assert put(SITE).output == "0 changed, 7 unchanged.\n"


def test_the_example_of_the_documentation_is_a_site(monkeypatch: pytest.MonkeyPatch) -> None:
    manual = (Path(__file__).parents[2] / "docs" / "operations.md").read_text()
    (example,) = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    assert put(example).exit_code == 2, "its secret is not in the environment"
    monkeypatch.setenv("PANEL_A_TOKEN", "abc")
    assert put(example).exit_code == 0
    assert panels() == ["panel-a", "panel-b"]


def test_a_file_that_is_not_there_is_said_so() -> None:
    answer = CliRunner().invoke(main, ["import", "nothing.yaml"])
    assert answer.exit_code == 2
    assert "nothing.yaml" in answer.output


def test_what_cannot_be_removed_ends_with_1_and_says_what_to_do() -> None:
    put(SITE)
    with transaction() as session:
        said = {"starts_at": scenes.NOW, "ends_at": scenes.NOW, "said_at": scenes.NOW, "recorded_at": scenes.NOW}
        source = scenes.both("Dostawca", "Provider")
        session.add(Estimate(subject_kind="panel", subject_id="panel-b", precision="day", source=source, **said))
    fewer = SITE.split("  - slug: panel-b")[0]
    answer = put(fewer)
    assert answer.exit_code == 0
    assert "? panel panel-b: not in the file" in answer.output
    for options in (("--prune",), ("--prune", "--dry-run")):
        answer = put(fewer, *options)
        assert answer.exit_code == 1
        assert "estimates" in answer.output
        assert "put it back into the file" in answer.output
    assert panels() == ["panel-a", "panel-b"]


def test_a_probe_may_reach_a_private_address_that_the_settings_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_PROBE_ALLOW_PRIVATE", "10.0.0.0/24")
    inside = SITE.replace("https://panel-a.example.com/health", "http://10.0.0.7/health")
    assert put(inside).exit_code == 0
    assert put(inside.replace("10.0.0.7", "10.0.1.7")).exit_code == 2


def test_an_export_imports_and_says_first_how_an_editor_finds_its_schema() -> None:
    put(SITE)
    answer = export("-o", "out.yaml")
    assert answer.exit_code == 0, answer.output
    words = Path("out.yaml").read_text()
    first = "# yaml-language-server: $schema=http://127.0.0.1:8000/api/config.schema.json"
    assert words.splitlines()[0] == first
    assert Path("out.yaml").stat().st_mode & 0o077 == 0
    assert export().stdout == words
    assert put(words, "--prune").output == "0 changed, 7 unchanged.\n"


def test_an_export_holds_no_secret_unless_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    put(SITE.replace("keyword: Welcome", 'headers: "Authorization: Bearer s3cret"'))
    answer = export()
    assert "s3cret" not in answer.output
    assert "Left out: PROBE_PANEL_A_LOGIN_PAGE_AUTHORIZATION" in answer.stderr
    refused = put(answer.stdout)
    assert refused.exit_code == 2
    assert "needs the variable PROBE_PANEL_A_LOGIN_PAGE_AUTHORIZATION" in refused.output
    monkeypatch.setenv("PROBE_PANEL_A_LOGIN_PAGE_AUTHORIZATION", "Bearer s3cret")
    assert put(answer.stdout).output == "0 changed, 7 unchanged.\n"
    whole = export("--with-secrets")
    assert "Bearer s3cret" in whole.stdout
    with reading() as session:
        token = session.scalars(select(Probe.token_hash).where(Probe.token_hash.is_not(None))).one()
    assert token is not None
    assert token.hex() not in whole.output


def test_the_schema_is_printed_without_a_file() -> None:
    answer = CliRunner().invoke(main, ["import", "--schema"])
    assert answer.exit_code == 0
    Draft202012Validator.check_schema(json.loads(answer.output))
