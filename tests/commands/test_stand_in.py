"""What a proxy serves at a dead panel's address: which words, which headers, and when to come back."""

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from statuspage import clock
from statuspage.cli import main
from statuspage.commands.stand_in import Place, StandIn, make
from statuspage.db import Site as SiteRow
from statuspage.db import transaction
from statuspage.estimates.rules import Precision, Subject
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import PromiseView
from statuspage.settings import Settings
from statuspage.web.site import Site
from tests import scenes

Change = Callable[[PromiseView], PromiseView]


@pytest.fixture(autouse=True)
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_INSTANCE_DIR", str(settings.instance_dir))
    monkeypatch.setenv("STATUSPAGE_DATABASE_URL", settings.database)
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY", "test" * 8)


@pytest.fixture
def story(scene: Site) -> Site:
    """The scene, its story time kept where a command of its own finds it."""
    with transaction() as session:
        session.get_one(SiteRow, 1).story_offset_seconds = clock.offset().total_seconds()
    scene.publisher.publish()
    return scene


def ask(*words: str) -> Result:
    return CliRunner().invoke(main, ["stand-in", "--for", "nginx", *words])


def made(site: Site, slug: str = "panel-c", snapshot: Snapshot | None = None) -> StandIn:
    shown = snapshot or site.snapshot()
    return make(site.pages, shown, shown.panel_by_slug[slug], site.pages.locales, Place(Path("/srv/stand-in")))


def promising(snapshot: Snapshot, change: Change) -> Snapshot:
    """The snapshot with the open promise about panel C changed."""
    (ledger,) = snapshot.ledgers
    changed = (*ledger.promises[:-1], change(ledger.promises[-1]))
    return replace(snapshot, ledgers=(replace(ledger, promises=changed),))


def seconds_to_wait(files: StandIn) -> float:
    (named,) = set(re.findall(r'Retry-After "(.+?)"', files.conf))
    return float(named) if named.isdigit() else (parsedate_to_datetime(named) - clock.wall()).total_seconds()


def problem(files: StandIn) -> dict[str, object]:
    """The JSON of the configuration, read as nginx does: it undoes the backslash before a quote or a backslash."""
    (words,) = re.findall(r"return 503 '(.*)';", files.conf)
    found: dict[str, object] = json.loads(re.sub(r"\\([\"'\\])", r"\1", words))
    return found


def test_without_a_page_or_with_an_unknown_panel_it_says_what_there_is(site: Site) -> None:
    answer = ask("panel-c")
    assert answer.exit_code == 1
    assert "statuspage publish" in answer.stderr
    with transaction() as session:
        scenes.panels(session)
    site.publisher.publish()
    answer = ask("panel-z")
    assert answer.exit_code == 1
    assert "panel-a, panel-b, panel-c, panel-d" in answer.stderr
    assert "pl, en" in ask("panel-c", "--locale", "de").stderr
    assert CliRunner().invoke(main, ["stand-in", "--for", "apache", "panel-c"]).exit_code == 2


@pytest.mark.usefixtures("story")
def test_it_prints_both_or_writes_two_files_and_says_what_to_do_next(tmp_path: Path) -> None:
    printed = ask("panel-c")
    assert printed.exit_code == 0
    assert "server_name panel-c.example.com;" in printed.stdout
    assert printed.stdout.rstrip().endswith("</html>")
    folder = tmp_path / "new" / "kit"
    answer = ask("panel-c", "--to", str(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["panel-c.conf", "panel-c.html"]
    assert f'root "{folder}";' in (folder / "panel-c.conf").read_text()
    assert (folder / "panel-c.html").read_text() in printed.stdout
    assert "nginx -t" in answer.stdout
    assert "2021-03-22 14:05" in answer.stdout
    own = ask("panel-c", "--to", str(folder), "--upstream", "10.0.0.7:80")
    assert own.exit_code == 0
    assert "server 10.0.0.7:80;" in (folder / "panel-c.conf").read_text()
    assert "10.0.0.7:8080" in ask("panel-c", "--upstream", "x; evil").stderr
    (tmp_path / "file").touch()
    assert "--to" in ask("panel-c", "--to", str(tmp_path / "file" / "below")).stderr


def test_it_needs_no_database(story: Site, settings: Settings) -> None:
    Path(settings.database.removeprefix("sqlite:///")).unlink(missing_ok=True)
    answer = ask("panel-c")
    assert answer.exit_code == 0, answer.stderr
    assert "Panel C nie działa." in answer.stdout


def test_the_page_says_in_each_language_what_a_customer_must_know(scene: Site) -> None:
    page = made(scene).page
    polish, english = page.split('<section lang="en">')
    for words in (
        "Panel C nie działa.",
        "od środy 10\u00a0marca",
        "poniedziałek 22\u00a0marca",
        "według dostawcy serwerów",
    ):
        assert words in polish
        assert words not in english
    assert "przesunięty dwa razy" in polish
    assert "moved twice" in english
    assert '"http://127.0.0.1:8000/faq/account-on-panel-c/"' in polish
    assert '"http://127.0.0.1:8000/en/faq/account-on-panel-c/"' in english
    assert "Stan z <time" in polish
    only = make(scene.pages, scene.snapshot(), scene.snapshot().panel_by_slug["panel-c"], ("en",), Place(Path("/srv")))
    assert '<html lang="en">' in only.page
    assert "nie działa" not in only.page


def test_the_page_brings_all_it_needs_and_the_policy_names_it_by_its_hash(scene: Site) -> None:
    files = made(scene)
    assert re.findall(r"<(?:link|img|iframe|script src)|@import|url\(| on\w+=| style=", files.page) == []
    for tag in ("style", "script"):
        (inside,) = re.findall(rf"<{tag}>(.*?)</{tag}>", files.page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in files.conf
    assert "default-src 'none'" in files.conf


def test_programs_are_asked_back_at_the_promised_end_while_it_lies_ahead(scene: Site) -> None:
    files = made(scene)
    until_midnight = (scenes.at("2021-03-23 00:00") - scenes.NOW).total_seconds()
    assert abs(seconds_to_wait(files) - until_midnight) < 30
    assert problem(files)["title"] == "Panel C is down."
    assert "Expected back on 22\u00a0March, according to the hosting provider" in str(problem(files)["detail"])


def test_an_overdue_promise_and_none_at_all_are_said_and_programs_come_back_in_minutes(scene: Site) -> None:
    scenes.live_at(scenes.at("2021-03-24 09:00"))
    files = made(scene)
    assert "was expected" in files.page
    assert "there is no new date yet" in files.page
    assert seconds_to_wait(files) == 300
    assert problem(files)["detail"] == "When it is back is not known yet."
    scenes.live_at()
    none = made(scene, snapshot=replace(scene.snapshot(), ledgers=()))
    assert "Kiedy wróci, jeszcze nie wiadomo." in none.page
    assert seconds_to_wait(none) == 300


def test_a_range_and_an_instant_end_when_they_end(scene: Site) -> None:
    end = scenes.at("2021-03-26 00:00")
    ranged = promising(scene.snapshot(), lambda one: replace(one, precision=Precision.RANGE, ends_at=end))
    files = made(scene, snapshot=ranged)
    assert "22–25\u00a0marca" in files.page
    assert abs(seconds_to_wait(files) - (end - scenes.NOW).total_seconds()) < 30
    soon = scenes.NOW + timedelta(hours=2)
    instant = promising(
        scene.snapshot(), lambda one: replace(one, precision=Precision.INSTANT, starts_at=soon, ends_at=soon)
    )
    assert "poniedziałek 22\u00a0marca, 16:05\u00a0CET" in made(scene, snapshot=instant).page


def test_the_estimate_of_an_incident_speaks_for_a_panel_without_one(scene: Site) -> None:
    snapshot = scene.snapshot()
    of_all = replace(snapshot, ledgers=(replace(snapshot.ledgers[0], kind=Subject.INCIDENT, subject=scenes.FIRE),))
    assert "moved twice" in made(scene, snapshot=of_all).page
    assert "moved twice" not in made(scene, "panel-d", of_all).page


def test_without_a_guide_it_says_whom_to_ask_and_a_panel_that_works_is_said_not_to_answer(scene: Site) -> None:
    page = made(scene, "panel-d").page
    assert "Panel D teraz nie odpowiada." in page
    assert "działa normalnie" not in page
    assert "mailto:support@example.com" in page
    assert "/faq/" not in page


def test_another_panels_guide_is_not_advice_but_its_incidents_question_is(scene: Site) -> None:
    page = made(scene, "panel-a").page
    assert "orders-imported-again" in page
    assert "account-on-panel-c" not in page
    assert "9 marca, 00:00" in page.replace("\u00a0", " ")


def test_odd_names_break_neither_the_configuration_nor_the_page(scene: Site) -> None:
    snapshot = scene.snapshot()
    odd = scenes.both("""<b>"C" & $host \\ 'x';\n}""", """<b>"C" & $host \\ 'x';\n}""")
    panel = replace(snapshot.panel_by_slug["panel-c"], name=odd)
    files = made(scene, snapshot=replace(snapshot, panels=(panel,)))
    assert "<b>" not in files.page
    assert "$host \\" not in files.conf
    assert problem(files)["title"] == """<b>"C" & $host \\ 'x'; } is down."""
