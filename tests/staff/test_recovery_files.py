"""Reports as files at the desk: looked at first, taken by the rules of the API, and written so that nothing runs."""

import csv
import io
import json

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from statuspage.accounts.rules import Role
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.i18n import translate
from statuspage.recovery.models import StageState
from statuspage.staff import sheets
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import nothing_written, values

PATH = "/staff/recovery/import/"
HEAD = "account,panel,stage,state,done,total,sequence,at,reason"
GOOD = "10423,panel-c,orders,running,3,10,7,2021-03-22T13:58:00+01:00,"
AT = "2021-03-22T13:58:00+01:00"


@pytest.fixture
def desk(app: Flask) -> Desk:
    with transaction() as session:
        scenes.panels(session)
    return desk_of(app)


def upload(desk: Desk, words: str | bytes) -> TestResponse:
    raw = words.encode() if isinstance(words, str) else words
    return desk.post(PATH, {"sheet": (io.BytesIO(raw), "reports.csv")})


def kept() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(StageState)) or 0


def test_a_file_is_looked_at_and_then_taken(desk: Desk) -> None:
    bad = [GOOD.replace("panel-c", "panel-x"), GOOD.replace(",3,", ",11,"), GOOD.replace(",3,", ",x,")]
    seen = upload(desk, "\ufeff" + "\r\n".join([HEAD, GOOD, *bad]))
    assert seen.status_code == 200
    assert "Right lines: 1; wrong lines: 3" in seen.text
    for words in ("line 3", "there is no panel panel-x", "line 4", "line 5", "must be a whole number"):
        assert words in seen.text
    assert kept() == 0
    taken = desk.send(PATH, dict(values(seen)))
    assert "Taken: 1; there already: 0; older than what is there: 0; left out: 3" in taken.text
    assert kept() == 1
    again = desk.send(PATH, dict(values(seen)))
    assert "Taken: 0; there already: 1" in again.text
    with reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "recovery.import")).all()
        assert [one.after and one.after["applied"] for one in entries] == [1, 0]
        assert "10423" not in json.dumps([one.after for one in entries])
        assert session.scalar(select(StageState.by)) == f"staff:{desk.staff_id}"


def test_semicolons_and_quotes_are_a_sheet_too(desk: Desk) -> None:
    seen = upload(desk, f'{HEAD}\n"10;423",panel-c,orders,failed,3,10,7,{AT},"full; disk"\n'.replace(",", ";"))
    assert "10;423" in seen.text
    assert "full; disk" in seen.text


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"hello",
        HEAD.encode().replace(b"stage", b"stadium"),
        f"{HEAD}\n{GOOD}".encode("utf-16"),
        f"{HEAD}\n\x00{GOOD}".encode(),
        f'{HEAD}\n"{GOOD}'.encode(),
        (f"{HEAD}\n" + f"{GOOD}\n" * 5001).encode(),
    ],
    ids=["empty", "words", "columns", "utf-16", "nul", "open quote", "many lines"],
)
def test_what_is_no_sheet_is_refused_in_words(desk: Desk, raw: bytes) -> None:
    answer = nothing_written(lambda: upload(desk, raw))
    assert answer.status_code == 422
    assert 'class="problem"' in answer.text


def test_a_file_that_is_too_large_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage.staff.recovery_files.LARGEST", 1_000)
    assert "too large" in nothing_written(lambda: upload(desk, f"{HEAD}\n{GOOD * 20}")).text
    assert "Right lines: 0" in upload(desk, HEAD).text


def test_a_sheet_of_wrong_lines_alone_offers_nothing_to_take(desk: Desk) -> None:
    seen = upload(desk, f"{HEAD}\n1,panel-x,orders,running,3,10,7,{AT},\n1,2\n{GOOD},,,\n")
    assert "Right lines: 0; wrong lines: 3" in seen.text
    assert "Take the right lines" not in seen.text
    assert "more cells" in seen.text


def test_five_thousand_lines_go_through_the_preview(desk: Desk) -> None:
    rows = [GOOD.replace("10423", f"{number:06}") for number in range(5000)]
    seen = upload(desk, "\n".join([HEAD, *rows]))
    assert "Right lines: 5,000" in seen.text
    page = values(seen)
    answer = desk.send(PATH, dict(page))
    assert "Taken: 5,000" in answer.text
    assert kept() == 5000


def test_a_formula_is_text_on_the_page_and_inert_in_the_export(desk: Desk) -> None:
    cell = "=HYPERLINK(1)<script>"
    seen = upload(desk, f"{HEAD}\n{cell},panel-c,orders,failed,3,10,7,{AT},@SUM(1)\n")
    assert "<script>HYPER" not in seen.text
    assert "&lt;script&gt;" in seen.text
    assert "Taken: 1" in desk.send(PATH, dict(values(seen))).text
    out = desk.get("/staff/recovery/export?as=csv")
    assert out.headers["Content-Disposition"] == 'attachment; filename="recovery.csv"'
    (row,) = csv.DictReader(io.StringIO(out.text))
    assert (row["account"], row["reason"]) == (f"'{cell}", "'@SUM(1)")
    assert "there already: 1" in desk.send(PATH, dict(values(upload(desk, out.text)))).text


def test_an_export_of_lines_is_what_push_sends_and_keeps_to_its_panel(desk: Desk) -> None:
    rows = [GOOD, GOOD.replace("orders", "access"), GOOD.replace("panel-c", "panel-a").replace("10423", "2")]
    desk.send(PATH, dict(values(upload(desk, "\n".join([HEAD, *rows])))))
    out = desk.get("/staff/recovery/export?as=ndjson&panel=panel-c").text.splitlines()
    assert [json.loads(one)["stage"] for one in out] == ["access", "orders"]
    assert json.loads(out[0]) == {
        "account": "10423", "panel": "panel-c", "stage": "access", "state": "running", "done": 3, "total": 10,
        "sequence": 7, "at": "2021-03-22T12:58:00+00:00",
    }  # fmt: skip
    assert len(desk.get("/staff/recovery/export?as=ndjson").text.splitlines()) == 3
    with reading() as session:
        subjects = session.scalars(select(AuditEntry.subject).where(AuditEntry.action == "recovery.export")).all()
    assert list(subjects) == ["panel:panel-c", "recovery"]


def test_a_viewer_takes_no_files_home(app: Flask, desk: Desk) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert viewer.get("/staff/recovery/export").status_code == 403
    assert viewer.get(PATH).status_code == 403


CELLS = st.sampled_from(
    ["", " ", "x", "-1", "7", "9" * 19, "9" * 20, "a" * 200, "a" * 300, "Ż", "panel-c", "panel-x", "Panel C", "orders",
     "restored", "failed", "running", AT, "2021-03-22", "2021-03-22T13:58:00", "0001-01-01T00:00:00Z", "a\nb",
     "\u0085"],
)  # fmt: skip


@given(st.lists(st.lists(CELLS, min_size=1, max_size=10), min_size=1, max_size=20), st.booleans())
def test_no_reason_is_without_its_polish_words(rows: list[list[str]], more_columns: bool) -> None:
    out = io.StringIO()
    csv.writer(out).writerows([[*HEAD.split(","), *(["colour"] if more_columns else [])], *rows])
    for _, fault in sheets.read(out.getvalue(), {"panel-c"}).faults:
        assert translate("pl", fault.template, **fault.values) != fault.reason
        assert fault.reason == translate("en", fault.template, **fault.values)


def test_a_polish_editor_reads_in_polish_what_is_wrong_with_a_line(desk: Desk) -> None:
    assert desk.post("/staff/me/", {"locale": "pl"}).status_code == 303
    bad = [GOOD.replace("panel-c", "panel-x"), GOOD.replace(",3,", ",11,"), GOOD.replace("orders", "stadium"), "1,2"]
    seen = upload(desk, "\n".join([HEAD, *bad, f"{GOOD},,"])).text
    for words in (
        "nie ma panelu panel-x",
        "„done” nie może być większe niż „total”",
        "dozwolone wartości: access, orders",
        "brak wartości",
        "ma więcej komórek",
    ):
        assert words in seen
    for words in ("must", "missing", "there is", "cells"):
        assert words not in seen.split("<main", 1)[1]
