"""The audit log at the desk: found, read, taken along."""

import csv
import io
import json
import re
import tracemalloc
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import insert, select

from statuspage.accounts.rules import Role
from statuspage.audit.actions import Actor, record
from statuspage.audit.models import AuditEntry
from statuspage.audit.rules import START, chained
from statuspage.db import reading, transaction
from tests.audit.seals import seal_all
from tests.staff.desks import Desk, desk_of, person

ROWS = re.compile(r"<tr><td>.*?</tr>", re.DOTALL)
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "＝1")


def tell(actor: str, action: str, subject: str, **facts: dict[str, object]) -> int:
    with transaction(quiet=True) as session:
        record(session, Actor(actor, "192.0.2.7"), action, subject, **facts)
    with reading() as session:
        return session.scalars(select(AuditEntry.id).order_by(AuditEntry.id.desc())).first() or 0


def rows(desk: Desk, query: str = "") -> list[str]:
    answer = desk.get(f"/staff/audit/?{query}")
    assert answer.status_code == 200, answer.text
    return ROWS.findall(answer.text)


@pytest.fixture
def viewer(app: Flask) -> Desk:
    return desk_of(app, Role.VIEWER)


def test_entries_are_found_by_who_did_what_to_which_thing(viewer: Desk) -> None:
    anna = person("anna.k@example.com", password=None)
    tell(f"staff:{anna}", "incident.edit", "incident:fire")
    tell("terminal:root", "incident.post_update", "incident:fire")
    tell("token:sp_ab12", "estimate.record", "estimate:7")
    for query, found in (
        ("actor=ANNA.K", 1),
        (f"actor=staff:{anna}", 1),
        ("actor=terminal", 1),
        ("actor=nobody-here", 0),
        ("action=incident.", 2),
        ("action=incident.edit&subject=incident:fire", 1),
        ("subject=incident:fire", 2),
        ("subject=incident%25", 0),
    ):
        assert len(rows(viewer, query)) == found, query
    assert "anna.k@example.com" in rows(viewer, "action=incident.edit")[0]
    assert "Nothing like that is in the log." in viewer.get("/staff/audit/?actor=nobody-here").text


def test_days_are_those_of_the_site_and_both_ends_count(viewer: Desk) -> None:
    midnight = datetime(2021, 3, 21, 23, 0, tzinfo=UTC)  # the 22nd begins in Warsaw
    with transaction(quiet=True) as session:
        for seconds in (-1, 0, 24 * 3600 - 1, 24 * 3600):
            at = midnight + timedelta(seconds=seconds)
            session.add(AuditEntry(at=at, actor="system", action="a.day", subject="x"))
    assert len(rows(viewer, "action=a.day&since=2021-03-22&until=2021-03-22")) == 2
    assert len(rows(viewer, "action=a.day&since=2021-03-22")) == 3
    assert len(rows(viewer, "action=a.day&until=2021-03-22")) == 3
    assert len(rows(viewer, "action=a.day&since=0001-01-01&until=9999-12-31")) == 4


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("since=yesterday", "“yesterday” is no day: write it like 2021-03-22."),
        ("until=2021-02-30", "“2021-02-30” is no day"),
        ("since=2021-03-22&until=2021-03-21", "The last day is before the first one."),
        ("actor=a%00b", "has characters that cannot be shown"),
    ],
)
def test_what_cannot_be_looked_for_is_said_at_its_field_and_nothing_typed_is_lost(
    viewer: Desk, query: str, words: str
) -> None:
    answer = viewer.get(f"/staff/audit/?subject=panel:a&{query}")
    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="panel:a"' in answer.text
    assert not ROWS.search(answer.text)


def test_pages_of_a_search_go_back_to_its_first_entry(viewer: Desk) -> None:
    with transaction(quiet=True) as session:
        at = datetime(2021, 3, 10, tzinfo=UTC)
        entry = {"at": at, "actor": "system", "action": "job.run", "subject": "x"}
        session.execute(insert(AuditEntry), [entry] * 205)
    sizes, query = [], "action=job."
    while query:
        page = viewer.get(f"/staff/audit/?{query}").text
        sizes.append(len(ROWS.findall(page)))
        older = re.search(r'href="\?([^"]+)" rel="next"', page)
        query = older[1].replace("&amp;", "&") if older else ""
    assert sizes == [100, 100, 5]


def test_one_entry_shows_what_was_and_what_became_of_it(viewer: Desk) -> None:
    before, after = {"impact": "minor", "title": {"en": "Fire"}}, {"impact": "major", "title": {"en": "Fire"}}
    number = tell("staff:99", "incident.edit", "incident:fire", before=before, after=after)
    page = viewer.get(f"/staff/audit/{number}/").text
    assert "<del>minor</del>" in page
    assert "<ins>major</ins>" in page
    assert page.index("impact") < page.index("title.en")
    assert "192.0.2.7" in page
    assert "not sealed yet" in page
    seal_all()
    assert re.search("<code>[0-9a-f]{64}</code>", viewer.get(f"/staff/audit/{number}/").text)
    assert viewer.get("/staff/audit/999999/").status_code == 404


def test_words_of_others_are_shown_as_words(viewer: Desk) -> None:
    number = tell("<b>x", "a.<script>", "s:<i>", after={"<u>": "<img src=x onerror=alert(1)>"})
    for page in (viewer.get(f"/staff/audit/{number}/").text, viewer.get("/staff/audit/").text):
        assert "<script>" not in page.replace('<script src="/static/', "")
        assert "<img" not in page
        assert "<u>" not in page


def test_the_file_holds_what_was_looked_for_and_the_taking_is_in_the_log(app: Flask) -> None:
    desk = desk_of(app)
    tell("system", "incident.edit", "incident:fire", after={"title": "Pożar"})
    tell("system", "panel.edit", "panel:a")
    answer = desk.get("/staff/audit/export?as=ndjson&subject=incident:&actor=sys")
    assert answer.mimetype == "application/x-ndjson"
    assert 'filename="audit.ndjson"' in answer.headers["Content-Disposition"]
    (line,) = [json.loads(one) for one in answer.text.splitlines()]
    assert (line["subject"], line["after"], line["digest"]) == ("incident:fire", {"title": "Pożar"}, None)
    with reading() as session:
        taken = session.scalars(select(AuditEntry).where(AuditEntry.action == "audit.export")).one()
    assert taken.after == {"as": "ndjson", "subject": "incident:", "actors": []}


def test_anybody_can_count_the_digests_again_from_the_file(app: Flask) -> None:
    desk = desk_of(app)
    for number in range(5):
        tell("system", "incident.edit", f"incident:{number}", before={"ą": number, "b": 1.5}, after={"b": [None]})
    seal_all()
    lines = [json.loads(one) for one in desk.get("/staff/audit/export?as=ndjson").text.splitlines()]
    digest = START
    for line in lines:
        kept = line.pop("digest")
        digest = chained(digest, line)
        assert digest == kept
    assert len(lines) >= 5


def test_no_cell_of_the_sheet_is_run_by_a_spreadsheet(app: Flask) -> None:
    desk = desk_of(app)
    for words in FORMULAS:
        tell(words, words, words)
    answer = desk.get("/staff/audit/export?as=csv")
    assert answer.mimetype == "text/csv"
    lines = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    told = [one for one in lines if one["actor"].startswith("'")]
    assert [one["subject"] for one in told] == [f"'{words}" for words in FORMULAS]
    assert not [cell for one in lines for cell in one.values() if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_a_file_that_cannot_be_asked_for_says_why(app: Flask) -> None:
    answer = desk_of(app).get("/staff/audit/export?as=csv&since=soon")
    assert (answer.status_code, answer.mimetype) == (422, "text/plain")
    assert "“soon” is no day" in answer.text


def test_a_long_log_is_read_page_by_page_and_never_held_whole(app: Flask) -> None:
    desk = desk_of(app)
    with transaction(quiet=True) as session:
        entry = {"at": datetime(2021, 3, 10, tzinfo=UTC), "actor": "system", "action": "job.run", "subject": "x"}
        session.execute(insert(AuditEntry), [{**entry, "after": {"words": "x" * 2000}}] * 12_000)
    answer = desk.client.get("/staff/audit/export?as=ndjson", base_url="http://127.0.0.1:8000")
    tracemalloc.start()
    try:
        size = sum(len(chunk) for chunk in answer.response)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
        answer.close()
    assert size > 24_000_000
    assert most < size / 2, "two pages of a thousand entries, not twelve"
