"""Promises by programs: recorded with their source, superseded, closed; what was promised is never erased."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from statuspage.web.site import Site
from tests.api.conftest import Call, faults, told
from tests.scenes import FIRE

SOURCE = {"pl": "według dostawcy serwerów", "en": "according to the hosting provider"}


def promise(**changes: Any) -> dict[str, Any]:
    return {
        "subject": {"kind": "panel", "id": "panel-c"},
        "precision": "day",
        "starts_at": "2021-03-24T00:00:00+01:00",
        "source": SOURCE,
        "confidence": "low",
        **changes,
    }


@pytest.fixture(autouse=True)
def published(write: Call, site: Site) -> None:
    """What is promised so far can be read."""
    site.publisher.publish()


def ledger(client: FlaskClient, subject: str) -> dict[str, Any]:
    found = told(client.get("/api/v1/estimates"))["estimates"]
    return next(one for one in found if one["subject"]["id"] == subject)


def test_a_promise_is_public_when_the_answer_comes_back(write: Call, client: FlaskClient) -> None:
    before = ledger(client, "panel-c")
    answer = write("POST", "estimates", promise())
    made = told(answer, 201)
    assert (made["starts_at"], made["ends_at"]) == ("2021-03-23T23:00:00Z", "2021-03-24T23:00:00Z")
    after = ledger(client, "panel-c")
    assert (after["current"]["id"], after["slips"]) == (made["id"], before["slips"] + 1)
    assert after["promises"][-2]["closing"] == "superseded"
    assert told(write("GET", answer.headers["Location"].removeprefix("/api/v1/"))) == made


def test_the_same_promise_again_is_the_one_that_stands(write: Call) -> None:
    first, again = (told(write("POST", "estimates", promise()), 201) for _ in range(2))
    assert again == first


def test_everything_that_can_be_promised_back(write: Call, client: FlaskClient) -> None:
    for kind, name in (("component", "panel-a.warehouse"), ("incident", FIRE), ("stage", "panel-c.archive")):
        exact = promise(subject={"kind": kind, "id": name}, precision="instant", starts_at="2021-03-22T20:00:00+01:00")
        made = told(write("POST", "estimates", exact), 201)
        assert made["ends_at"] == made["starts_at"]
        assert ledger(client, name)["current"]["id"] == made["id"]


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"subject": {"kind": "panel", "id": "panel-z"}}, "/subject/id"),
    ({"subject": {"kind": "stage", "id": "panel-c.coffee"}}, "/subject/id"),
    ({"subject": {"kind": "incident", "id": "nothing"}}, "/subject/id"),
    ({"starts_at": "2021-03-24T08:00:00+01:00"}, "/ends_at"),
    ({"precision": "range"}, "/ends_at"),
    ({"precision": "range", "ends_at": "2021-03-01T00:00:00Z"}, "/ends_at"),
    ({"source": {}}, "/source/pl"),
    ({"link": "javascript:alert(1)"}, "/link"),
    ({"link": "https://example.com/\u0000"}, "/link"),
    ({"said_at": "2031-01-01T00:00:00Z"}, "/said_at"),
    ({"supersedes": "1"}, "/supersedes"),
]


def test_each_wrong_field_is_named_and_the_ledger_stays(write: Call, client: FlaskClient) -> None:
    before = client.get("/api/v1/estimates").json
    for changes, path in WRONG:
        assert (changes, faults(write("POST", "estimates", promise(**changes)))) == (changes, [path])
    assert client.get("/api/v1/estimates").json == before


def test_who_has_not_read_the_promise_that_stands_is_told_so(write: Call, client: FlaskClient) -> None:
    read = ledger(client, "panel-c")["current"]["id"]
    assert write("POST", "estimates", promise(supersedes=read)).status_code == 201
    other = promise(supersedes=read, starts_at="2021-03-25T00:00:00+01:00")
    assert write("POST", "estimates", other).status_code == 409
    assert ledger(client, "panel-c")["current"]["starts_at"] == "2021-03-23T23:00:00Z"


def test_a_promise_ends_once(write: Call, client: FlaskClient) -> None:
    made = told(write("POST", "estimates", promise()), 201)
    place = f"estimates/{made['id']}/close"
    assert faults(write("POST", place, {"closing": "superseded"})) == ["/closing"]
    assert faults(write("POST", place, {"closing": "met", "at": "2031-01-01T00:00:00Z"})) == ["/at"]
    closed = told(write("POST", place, {"closing": "withdrawn"}))
    assert told(write("POST", place, {"closing": "withdrawn"})) == closed
    assert write("POST", place, {"closing": "met"}).status_code == 422
    assert ledger(client, "panel-c")["current"] is None


def test_who_has_read_another_state_closes_nothing(write: Call) -> None:
    made = told(write("POST", "estimates", promise()), 201)
    tag = write("GET", f"estimates/{made['id']}").headers["ETag"]
    write("POST", f"estimates/{made['id']}/close", {"closing": "met"})
    assert write("POST", f"estimates/{made['id']}/close", {"closing": "missed"}, If_Match=tag).status_code == 412


def test_a_published_address_takes_what_is_written_there_and_nothing_else(write: Call, client: FlaskClient) -> None:
    assert client.post("/api/v1/estimates", json=promise()).status_code == 401
    assert client.put("/api/v1/estimates", json=promise()).status_code == 405
    assert client.post("/api/v1/uptime", json={}).status_code == 405
