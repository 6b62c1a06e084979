"""Raw results for spreadsheets and programs: whole, in order, inert, and in little memory."""

import csv
import io
import json
import tracemalloc
from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate
from sqlalchemy import insert

from statuspage.accounts.rules import Role
from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.downloads import Format, inert
from statuspage.probing.exports import PAGE, lines
from statuspage.probing.models import ProbeResult
from statuspage.probing.rules import Look
from statuspage.probing.turns import Seen
from statuspage.tokens.actions import create
from tests.probing.cases import saw, stored, with_probes
from tests.staff.desks import desk_of, stranger

AT = datetime(2021, 3, 28, 0, 59, 30, 250_000, tzinfo=UTC)


def odd(probe_id: int) -> None:
    """A result in the last minute of winter time, with words that a target made up."""
    slot = int(AT.timestamp())
    error = '=HYPERLINK("http://evil.example","click"), né\nnext'
    stored(Seen(probe_id, slot, AT, Look(False, error, total_ms=12.34, phases={"dns": 1.0})), *saw(probe_id, True))


def many(probe_id: int, count: int) -> None:
    rows = [{"probe_id": probe_id, "slot": n, "lag": 0, "ok": True, "total_ms": 1.5} for n in range(count)]
    if rows:
        with transaction(quiet=True) as session:
            session.execute(insert(ProbeResult), rows)


def token(*scopes: str) -> dict[str, str]:
    with transaction() as session:
        plain = create(session, name="export", scopes=list(scopes), expires_at=None, actor=SYSTEM)
    return {"Authorization": f"Bearer {plain}"}


@pytest.mark.usefixtures("app")
def test_a_cell_that_a_spreadsheet_would_run_is_made_inert_and_comes_back_whole() -> None:
    one, other = with_probes("panel-a.login", "panel-b.login")
    odd(one)
    stored(*saw(other, True, True))
    body = b"".join(lines(one, Format.CSV)).decode()
    first, second = csv.DictReader(io.StringIO(body))
    assert first["error"] == "", "the oldest first"
    assert second["error"] == '\'=HYPERLINK("http://evil.example","click"), né\nnext'
    assert (second["at"], second["ok"], second["total_ms"]) == ("2021-03-28T00:59:30.250Z", "False", "12.3")
    assert (second["dns_ms"], second["tls_ms"]) == ("1.0", "")


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_text_begins_like_a_formula_and_figures_stay_figures(begin: str) -> None:
    assert inert(f"{begin}1+1") == f"'{begin}1+1"
    assert inert("HTTP 500") == "HTTP 500"
    assert inert(-1.5) == -1.5
    assert inert(None) is None


@pytest.mark.usefixtures("app")
def test_lines_of_json_say_the_same_with_their_types_and_the_words_as_they_were() -> None:
    (one,) = with_probes("panel-a.login")
    odd(one)
    _, second = map(json.loads, b"".join(lines(one, Format.NDJSON)).splitlines())
    assert second == {
        "at": "2021-03-28T00:59:30.250Z",
        "slot": int(AT.timestamp()),
        "ok": False,
        "degraded": False,
        "total_ms": 12.3,
        "dns_ms": 1.0,
        "connect_ms": None,
        "tls_ms": None,
        "first_byte_ms": None,
        "error": '=HYPERLINK("http://evil.example","click"), né\nnext',
    }


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("form", list(Format))
@pytest.mark.parametrize("count", [0, 1, PAGE, PAGE + 1])
def test_each_result_is_there_once_whatever_the_page(form: Format, count: int) -> None:
    (one,) = with_probes("panel-a.login")
    many(one, count)
    found = b"".join(lines(one, form)).decode().splitlines()
    assert len(found) == count + (form is Format.CSV)


@pytest.mark.usefixtures("app")
def test_twenty_pages_take_no_more_memory_than_two() -> None:
    (one,) = with_probes("panel-a.login")
    many(one, 20 * PAGE)
    stream = lines(one, Format.NDJSON)
    next(stream)
    next(stream)
    tracemalloc.start()
    size = sum(map(len, stream))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 3_000_000
    assert peak < size


def test_whoever_may_see_the_desk_takes_results_along_and_strangers_do_not(app: Flask) -> None:
    (one,) = with_probes("panel-a.login")
    stored(*saw(one, True))
    viewer = desk_of(app, Role.VIEWER)
    page = viewer.get(f"/staff/probes/{one}/").text
    for form, kind in (("csv", "text/csv; charset=utf-8"), ("ndjson", "application/x-ndjson")):
        address = f"/staff/probes/{one}/results.{form}"
        assert address in page
        answer = viewer.get(address)
        assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
        assert answer.headers["Content-Disposition"] == f'attachment; filename="probe-{one}.{form}"'
        assert answer.headers["Cache-Control"] == "no-store"
        assert "12.0" in answer.text
        assert stranger(app).get(address).status_code == 303
    assert viewer.get("/staff/probes/99/results.csv").status_code == 404
    assert viewer.get(f"/staff/probes/{10**30}/results.csv").status_code == 404
    assert viewer.get(f"/staff/probes/{one}/results.xlsx").status_code == 404


def test_a_program_needs_the_scope_to_read_probes(app: Flask, client: FlaskClient) -> None:
    (one,) = with_probes("panel-a.login")
    stored(*saw(one, True, False))
    address = f"/api/v1/probes/{one}/results.ndjson"
    answer = client.get(address, headers=token("probes:read"))
    assert [json.loads(line)["ok"] for line in answer.text.splitlines()] == [True, False]
    assert client.get(address).status_code == 401
    assert client.get(address, headers=token("recovery:read", "probes:write")).status_code == 403
    assert client.get("/api/v1/probes/99/results.csv", headers=token("probes:read")).status_code == 404
    assert client.post(address, headers=token("probes:read")).status_code == 405


def test_both_are_described(client: FlaskClient, scene: object) -> None:
    description = client.get("/api/openapi.json").json
    assert description is not None
    validate(description)
    described = description["paths"]["/api/v1/probes/{probe}/results.csv"]["get"]
    assert described["security"] == [{"token": []}]
    assert list(described["responses"]["200"]["content"]) == ["text/csv"]
    assert [one["name"] for one in described["parameters"]] == ["probe"]
    assert "/api/v1/probes/{probe}/results.ndjson" in description["paths"]
