"""Incidents by programs: what the desk can say of them, a token can, and by the same rules."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from statuspage.audit.models import AuditEntry
from statuspage.db import reading
from tests.api.conftest import Call, faults, told
from tests.scenes import FIRE

TITLE = {"pl": "Panel A nie wysyła etykiet", "en": "Panel A prints no labels"}
BODY = {"pl": "Szukamy przyczyny.", "en": "We look for the cause."}


def new(**changes: Any) -> dict[str, Any]:
    return {
        "title": TITLE,
        "impact": "major",
        "status": "investigating",
        "body": BODY,
        "components": {"panel-a.shipments": {"status": "major_outage", "note": {"en": "no labels"}}},
        "next_update_by": "2021-03-22T15:00:00+01:00",
        **changes,
    }


def opened(write: Call, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = told(write("POST", "incidents", new(**changes)), 201)
    return found


def test_what_a_program_opens_is_on_the_page_when_the_answer_comes_back(write: Call, client: FlaskClient) -> None:
    answer = write("POST", "incidents", new())
    made = told(answer, 201)
    assert answer.headers["Location"] == f"/api/v1/incidents/{made['id']}"
    assert (made["status"], made["impact"], made["next_update_by"]) == (
        "investigating",
        "major",
        "2021-03-22T14:00:00Z",
    )
    assert "Panel A prints no labels" in client.get(f"/en/incidents/{made['id']}/").text
    (update,) = made["updates"]
    assert update["components"]["panel-a.shipments"]["status"] == "major_outage"
    assert (update["sequence"], update["body"]["source"], update["body"]["stale"]) == (1, "pl", [])
    assert told(write("GET", f"incidents/{made['id']}")) == made


def test_a_draft_is_seen_by_nobody_outside(write: Call, client: FlaskClient) -> None:
    made = opened(write, draft=True, body=None)
    assert (made["published_at"], made["url"], made["updates"]) == (None, None, [])
    assert client.get(f"/incidents/{made['id']}/").status_code == 404
    drafts = told(write("GET", "incidents?state=draft"))["incidents"]
    assert [one["id"] for one in drafts] == [made["id"]]


def test_what_a_token_did_stands_in_the_audit_log(write: Call) -> None:
    made = opened(write)
    with reading() as session:
        found = select(AuditEntry.actor, AuditEntry.action).where(AuditEntry.subject == f"incident:{made['id']}")
        entries = session.execute(found.order_by(AuditEntry.id)).all()
    assert [action for _, action in entries] == ["incident.create", "incident.post_update"]
    assert all(actor.startswith("token:") for actor, _ in entries)


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"title": {}}, "/title/pl"),
    ({"title": {"en": "x", "source": "pl"}}, "/title/pl"),
    ({"title": {"pl": "x" * 201}}, "/title/pl"),
    ({"title": "x"}, "/title"),
    ({"body": None}, "/body"),
    ({"body": {"pl": " \n "}}, "/body/pl"),
    ({"body": {"pl": "ł" * 33_000}}, "/body/pl"),
    ({"body": {"pl": "x\u0000"}}, "/body/pl"),
    ({"impact": "awful"}, "/impact"),
    ({"started_at": "2030-01-01T00:00:00Z"}, "/started_at"),
    ({"started_at": "2021-03-22T10:00:00"}, "/started_at"),
    ({"relapse_of": FIRE}, "/relapse_of"),
    ({"next_update_by": "2021-03-22T14:05:00+01:00"}, "/next_update_by"),
    ({"components": {"panel-z.login": {"status": "major_outage"}}}, "/components/panel-z.login"),
    ({"components": {"panel-a.login": {"status": "broken"}}}, "/components/panel-a.login/status"),
    ({"components": {"panel-a.login": {"status": "operational", "note": {}}}}, "/components/panel-a.login/note/pl"),
    ({"colour": "red"}, "/colour"),
    ({"version": 1}, "/version"),
]


def test_each_wrong_field_is_named_and_nothing_is_written(write: Call) -> None:
    before = write("GET", "incidents").json
    for changes, path in WRONG:
        assert (changes, faults(write("POST", "incidents", new(**changes)))) == (changes, [path])
    assert write("GET", "incidents").json == before


def test_the_same_key_opens_one_incident(write: Call) -> None:
    first = write("POST", "incidents", new(), Idempotency_Key="deploy-17")
    again = write("POST", "incidents", new(), Idempotency_Key="deploy-17")
    assert (again.status_code, again.json) == (201, first.json)
    assert (again.headers["Location"], again.headers["ETag"]) == (first.headers["Location"], first.headers["ETag"])
    assert again.headers["Idempotent-Replayed"] == "true"
    assert write("POST", "incidents", new(impact="minor"), Idempotency_Key="deploy-17").status_code == 422


def test_an_answer_that_is_too_long_to_be_kept_is_refused_before_anything_is_written(write: Call) -> None:
    long = new(body={"pl": "x" * 40_000, "en": "y" * 40_000}, draft=True)
    refused = told(write("POST", "incidents", long, Idempotency_Key="k"), 422)
    assert "no Idempotency-Key" in refused["errors"][0]["reason"]
    assert len(told(write("GET", "incidents"))["incidents"]) == 1
    assert write("POST", "incidents", long).status_code == 201


def test_a_change_keeps_what_it_does_not_name(write: Call) -> None:
    made = opened(write)
    place = f"incidents/{made['id']}"
    changed = told(write("PATCH", place, {"impact": "critical"}))
    assert changed == {**made, "impact": "critical", "version": made["version"] + 1}
    renamed = told(write("PATCH", place, {"title": {"pl": "Panel A bez etykiet"}}))
    assert renamed["title"]["stale"] == ["en"]
    righted = told(write("PATCH", place, {"title": {"en": TITLE["en"]}}))
    assert (righted["title"]["pl"], righted["title"]["stale"]) == ("Panel A bez etykiet", [])


NO_CHANGE: list[tuple[dict[str, Any], str]] = [
    ({"title": {"pl": None}}, "/title/pl"),
    ({"title": {"source": "en", "en": "x"}}, "/title/source"),
    ({"relapse_of": "nothing"}, "/relapse_of"),
    ({"status": "resolved"}, "/status"),
]


def test_a_change_that_makes_no_sense_names_its_field(write: Call) -> None:
    place = f"incidents/{opened(write)['id']}"
    before = write("GET", place).json
    for changes, path in NO_CHANGE:
        assert (changes, faults(write("PATCH", place, changes))) == (changes, [path])
    assert write("GET", place).json == before


def test_of_two_writers_the_second_loses_nothing_and_overwrites_nothing(write: Call) -> None:
    made = opened(write)
    place = f"incidents/{made['id']}"
    tag = write("GET", place).headers["ETag"]
    assert write("PATCH", place, {"impact": "minor", "version": made["version"]}).status_code == 200
    late = {"impact": "none"}
    assert write("PATCH", place, {**late, "version": made["version"]}).status_code == 409
    assert write("PATCH", place, late, If_Match=tag).status_code == 412
    assert told(write("GET", place))["impact"] == "minor"
    fresh = write("GET", place).headers["ETag"]
    assert told(write("PATCH", place, late, If_Match=fresh))["impact"] == "none"


def test_who_has_it_already_gets_304(write: Call) -> None:
    place = f"incidents/{opened(write)['id']}"
    for path in (place, "incidents"):
        tag = write("GET", path).headers["ETag"]
        answer = write("GET", path, If_None_Match=tag)
        assert (answer.status_code, answer.data) == (304, b"")
    write("PATCH", place, {"impact": "minor"})
    assert write("GET", place, If_None_Match=tag).status_code == 200


def test_the_list_comes_in_pages(write: Call) -> None:
    made = [opened(write)["id"] for _ in range(3)]
    first = write("GET", "incidents?limit=2&state=open")
    following = first.headers["Link"].partition("/api/v1/")[2].partition(">")[0]
    second = write("GET", following)
    ids = [one["id"] for page in (first, second) for one in told(page)["incidents"]]
    assert ids == [FIRE, *made]
    assert "Link" not in second.headers
    assert faults(write("GET", "incidents?state=sad")) == ["?state"]
    # Past the largest id of a plain column PostgreSQL can compare nothing.
    assert told(write("GET", f"incidents?after={2**31 - 1}"))["incidents"] == []
    for path in ("incidents", "maintenance", "articles"):
        assert faults(write("GET", f"{path}?after={2**31}")) == ["?after"]


def test_the_summary_is_pinned_rewritten_and_taken_down(write: Call, client: FlaskClient) -> None:
    place = f"incidents/{opened(write)['id']}"
    pinned = told(write("PUT", f"{place}/summary", {"summary": {"en": "**Labels** wait.", "pl": "Etykiety czekają."}}))
    assert (pinned["summary"]["source"], pinned["summary_at"][:16]) == ("pl", "2021-03-22T13:05")
    assert "<strong>Labels</strong> wait." in client.get(f"/en/{place}/").text
    rewritten = told(write("PUT", f"{place}/summary", {"summary": {"pl": "Już drukujemy."}}))
    assert rewritten["summary"]["stale"] == ["en"]
    old = {"summary": {"pl": "za późno"}, "version": pinned["version"]}
    assert write("PUT", f"{place}/summary", old).status_code == 409
    assert told(write("PUT", f"{place}/summary", {"summary": None}))["summary"] is None
    assert faults(write("PUT", f"{place}/summary", {"summary": {"pl": "x", "source": "en"}})) == ["/summary/en"]


def test_the_next_update_is_promised_and_taken_back(write: Call) -> None:
    place = f"incidents/{opened(write)['id']}"
    kept = told(write("PUT", f"{place}/promise", {"next_update_by": "2021-03-22T18:00:00+01:00"}))
    assert kept["next_update_by"] == "2021-03-22T17:00:00Z"
    assert told(write("PUT", f"{place}/promise", {"next_update_by": None}))["next_update_by"] is None
    assert faults(write("PUT", f"{place}/promise", {})) == ["/next_update_by"]
    assert faults(write("PUT", f"{place}/promise", {"next_update_by": "2021-03-01T00:00:00Z"})) == ["/next_update_by"]


def test_what_does_not_exist_is_404(write: Call) -> None:
    assert write("GET", "incidents/nothing").status_code == 404
    assert write("PATCH", "incidents/nothing", {"impact": "minor"}).status_code == 404
    assert write("PUT", "incidents/nothing/summary", {"summary": None}).status_code == 404
    assert write("POST", "incidents/nothing/updates", {"status": "resolved", "body": BODY}).status_code == 404
