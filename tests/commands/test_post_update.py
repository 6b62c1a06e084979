"""`statuspage post-update`: what is told from a terminal is on the page at once, in the incident and in the log."""

import gzip
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import select, update

from statuspage import clock
from statuspage.audit.models import AuditEntry
from statuspage.cli import main
from statuspage.db import Site as DbSite
from statuspage.db import reading, transaction
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.publishing.documents import STALE_SHOWN
from statuspage.publishing.store import Store
from statuspage.web.site import Site
from tests import scenes

FIRE = ("--incident", scenes.FIRE)
BOTH = ("--text", "pl=Wracamy o **15:00**.", "--text", "en=We are back at **15:00**.")
GONE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture(autouse=True)
def environment(app: Flask, scene: Site, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", database_url)
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(tmp_path / "instance"))
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY", "test" * 8)
    monkeypatch.setenv("SUDO_USER", "anna")
    monkeypatch.chdir(tmp_path)
    with transaction() as session:
        session.execute(update(DbSite).values(story_offset_seconds=clock.offset().total_seconds()))


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(main, ["post-update", *words], input=typed)


def page(path: str, tmp_path: Path) -> str:
    return (tmp_path / "instance" / "public" / "current" / path.lstrip("/") / "index.html").read_text()


def updates() -> list[str]:
    with reading() as session:
        told = select(IncidentUpdate).where(IncidentUpdate.published_at.is_not(None)).order_by(IncidentUpdate.id)
        return [one.body.by_locale.get("en", "") for one in session.scalars(told)]


def test_an_update_is_on_the_page_and_in_the_log_under_the_name_of_who_sat_there(tmp_path: Path) -> None:
    states = ("--component", "panel-c:login=partial", "--component", "panel-c.archive=operational")
    answer = run(*FIRE, *BOTH, *states, "--status", "monitoring", "--next-update-in", "90")
    assert answer.exit_code == 0, answer.output
    assert f"Published: http://127.0.0.1:8000/incidents/{scenes.FIRE}/" in answer.output
    assert "We are back at <strong>15:00</strong>." in page(f"/en/incidents/{scenes.FIRE}/", tmp_path)
    assert "Wracamy o <strong>15:00</strong>." in page(f"/incidents/{scenes.FIRE}/", tmp_path)
    with reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "incident.post_update")).one()
        assert (entry.actor, entry.subject) == ("terminal:anna", f"incident:{scenes.FIRE}")
        assert entry.after is not None
        assert entry.after["affected"] == {"panel-c.login": "partial_outage", "panel-c.archive": "operational"}
        assert entry.after["next_update_by"] is not None


def test_an_incident_is_opened_with_its_first_words_from_a_file_and_from_what_comes_in(tmp_path: Path) -> None:
    (tmp_path / "words.md").write_text("Nie działa logowanie.")
    files = ("--text-file", "pl=words.md", "--text-file", "en=-")
    answer = run("--new", "--title", "pl=Awaria", "--title", "en=Outage", *files, typed="Logging in fails.\n")
    assert answer.exit_code == 0, answer.output
    assert updates()[-1] == "Logging in fails."
    with reading() as session:
        incident = session.scalars(select(Incident).order_by(Incident.id.desc())).first()
        assert incident is not None
        assert incident.title.by_locale == {"pl": "Awaria", "en": "Outage"}
    assert "Logging in fails." in page(f"/en/incidents/{incident.public_id}/", tmp_path)


def test_a_rehearsal_says_what_readers_would_get_and_changes_nothing(tmp_path: Path) -> None:
    before = updates()
    answer = run(*FIRE, *BOTH, "--component", "panel-c:login=major", "--dry-run")
    assert answer.exit_code == 0, answer.output
    assert "en: We are back at 15:00." in answer.output
    assert "panel-c.login: major_outage" in answer.output
    assert "Nothing was published" in answer.output
    assert updates() == before
    assert "We are back" not in page(f"/en/incidents/{scenes.FIRE}/", tmp_path)


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (BOTH, f"open now:\n  {scenes.FIRE}"),
        ((*FIRE, "--new", "--title", "pl=x", *BOTH), "--incident ID, or --new with --title"),
        (("--new", *BOTH), "--incident ID, or --new with --title"),
        (("--incident", "nothing", *BOTH), f"there is no incident nothing; open now:\n  {scenes.FIRE}"),
        (FIRE, "say something"),
        ((*FIRE, "--text", "de=Hallo"), "'de' is not a language of this site: use pl, en"),
        ((*FIRE, "--text", "pl= "), "write something"),
        ((*FIRE, "--text", "pl=a\x1bb"), "control characters"),
        ((*FIRE, "--text", "Hello"), "name each language once"),
        ((*FIRE, "--text", "en=a", "--text", "en=b"), "name each language once"),
        ((*FIRE, "--text-file", "en=missing.md"), "cannot read it"),
        ((*FIRE, *BOTH, "--component", "panel-c"), "PANEL:FUNCTION=STATUS"),
        ((*FIRE, *BOTH, "--component", "panel-c:login=on fire"), "PANEL:FUNCTION=STATUS"),
        ((*FIRE, *BOTH, "--component", "panel-c:login=burning"), "use one of operational"),
        ((*FIRE, *BOTH, "--component", "panel-x:login=major"), "there is no component panel-x.login: use one of"),
        (("--withdraw",), "no notice is shown"),
    ],
    ids=lambda part: " ".join(part)[:40] if isinstance(part, tuple) else "",
)
def test_what_is_wrong_is_said_with_the_next_step_and_changes_nothing(words: tuple[str, ...], advice: str) -> None:
    before = updates()
    answer = run(*words)
    assert answer.exit_code in (1, 2)
    assert advice in answer.output
    assert "Traceback" not in answer.output
    assert updates() == before


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on the database cannot be reached."""
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", GONE)


def bodies(tmp_path: Path) -> dict[str, bytes]:
    pages = Store(tmp_path / "instance" / "public").follow().pages
    return {path: one.body() for path, one in pages.items()}


@pytest.mark.usefixtures("gone")
def test_without_a_database_the_words_are_on_every_page_in_its_language(tmp_path: Path) -> None:
    before = bodies(tmp_path)
    answer = run(
        *FIRE, "--text", "pl=Naprawiamy <b>bazę</b>.", "--text", "en=We mend <b>it</b>.", "--status", "identified"
    )
    assert answer.exit_code == 0, answer.output
    assert "cannot be reached" in answer.output
    assert "Status, components and promise cannot be shown" in answer.output
    after = bodies(tmp_path)
    assert after.keys() == before.keys()
    read = [path for path, body in after.items() if b"notice" in body and path.endswith("/")]
    assert {"/", "/en/", "/panels/panel-c/", f"/en/incidents/{scenes.FIRE}/", "/which-panel/", "/embed/"} <= set(read)
    assert b"We mend &lt;b&gt;it&lt;/b&gt;." in after["/en/"]
    assert "Naprawiamy &lt;b&gt;bazę&lt;/b&gt;.".encode() in after["/"]
    assert b"<main" in after["/"].partition(b'id="notice"')[0]
    assert b"<h1" not in after["/"].partition(b'id="notice"')[0]
    assert STALE_SHOWN in after["/"]
    packed = tmp_path / "instance" / "public" / "current" / "en" / "index.html.gz"
    assert gzip.decompress(packed.read_bytes()) == after["/en/"], "also what nginx serves ready-made"
    assert after["/now.json"] != before["/now.json"], "open pages fetch themselves again"


@pytest.mark.usefixtures("gone")
def test_a_text_in_one_language_is_shown_in_the_other_and_marked(tmp_path: Path) -> None:
    run(*FIRE, "--text", "pl=Naprawiamy.")
    assert '<div class="prose" lang="pl"><p>Naprawiamy.</p></div>' in page("/en/", tmp_path)


@pytest.mark.usefixtures("gone")
def test_a_notice_takes_the_place_of_the_one_before_and_withdrawn_leaves_no_trace(tmp_path: Path) -> None:
    before = bodies(tmp_path)
    run(*FIRE, "--text", "en=First words.")
    run(*FIRE, "--text", "en=Second words.")
    assert "First words." not in page("/en/", tmp_path)
    assert page("/en/", tmp_path).count("Second words.") == 1
    answer = run("--withdraw")
    assert answer.exit_code == 0, answer.output
    assert bodies(tmp_path) == before
    assert run("--withdraw").exit_code == 1


@pytest.mark.usefixtures("gone")
def test_a_copy_elsewhere_gets_the_notice_and_loses_it_again(tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    run(*FIRE, "--text", "en=We mend it.", "--to", str(copy))
    assert "We mend it." in (copy / "en" / "index.html").read_text()
    answer = run("--withdraw", "--to", str(copy))
    assert answer.exit_code == 0, answer.output
    assert "We mend it." not in (copy / "en" / "index.html").read_text()


@pytest.mark.usefixtures("gone")
def test_a_rehearsal_without_a_database_puts_nothing_on_the_pages(tmp_path: Path) -> None:
    before = bodies(tmp_path)
    answer = run(*FIRE, *BOTH, "--dry-run")
    assert answer.exit_code == 0
    assert "Nothing was published" in answer.output
    assert bodies(tmp_path) == before


def test_the_next_publication_out_of_the_database_takes_the_notice_away(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, scene: Site
) -> None:
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", GONE)
    run(*FIRE, "--text", "en=We mend it.")
    assert "We mend it." in page("/en/", tmp_path)
    assert scene.publisher.is_overtaken(scene.store.follow()), "whoever publishes does so at once"
    scene.publisher.publish()
    assert "We mend it." not in page("/en/", tmp_path)
    assert Store(tmp_path / "instance" / "public").follow().facts.notice == {}
    assert not [path for path, body in bodies(tmp_path).items() if b'id="notice"' in body]


def test_no_broken_template_keeps_the_notice_on_the_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, scene: Site
) -> None:
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", GONE)
    run(*FIRE, "--text", "en=We mend it.")

    def broken(*args: object, **context: object) -> str:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(scene.pages, "render", broken)
    with transaction() as session:
        session.execute(update(Incident).values(title=scenes.both("Nowy tytuł", "A new title")))
    assert scene.publisher.publish().facts.failed
    assert not [path for path, body in bodies(tmp_path).items() if b"We mend it." in body]


@pytest.mark.usefixtures("gone")
def test_where_nothing_was_ever_published_it_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_PUBLIC_DIR", str(tmp_path / "elsewhere"))
    answer = run(*FIRE, "--text", "en=We mend it.")
    assert answer.exit_code == 1
    assert "nothing was published here yet" in answer.output
