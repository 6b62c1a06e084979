"""Updates by programs: now, later, late or as a draft; corrected where all can see that they were."""

from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient

from statuspage.clock import now
from statuspage.db import transaction
from statuspage.incidents.actions import publish_due
from tests import scenes
from tests.api.conftest import Call, faults, told
from tests.scenes import FIRE

UPDATES = f"incidents/{FIRE}/updates"
BODY = {"pl": "Wraca magazyn.", "en": "The warehouse is coming back."}


def word(**changes: Any) -> dict[str, Any]:
    return {"status": "identified", "body": BODY, **changes}


def posted(write: Call, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = told(write("POST", UPDATES, word(**changes)), 201)
    return found


def sequences(write: Call) -> list[int | None]:
    return [one["sequence"] for one in told(write("GET", f"incidents/{FIRE}"))["updates"]]


def test_an_update_is_on_the_page_when_the_answer_comes_back(write: Call, client: FlaskClient) -> None:
    update = posted(write, components={"panel-c.warehouse": {"status": "degraded_performance"}})
    assert update["published_at"]
    assert "The warehouse is coming back." in client.get(f"/en/incidents/{FIRE}/").text
    place = f"{UPDATES}/{update['id']}"
    assert told(write("GET", place)) == update


def test_the_same_key_posts_once(write: Call) -> None:
    before = len(sequences(write))
    for _ in range(2):
        assert write("POST", UPDATES, word(), Idempotency_Key="k").status_code == 201
    assert len(sequences(write)) == before + 1


def test_who_has_not_read_the_last_update_is_told_so(write: Call) -> None:
    incident = write("GET", f"incidents/{FIRE}")
    seen, tag = told(incident)["version"], incident.headers["ETag"]
    posted(write, version=seen)
    assert write("POST", UPDATES, word(version=seen)).status_code == 409
    assert write("POST", UPDATES, word(), If_Match=tag).status_code == 412
    posted(write)


def test_a_resolved_incident_stays_resolved(write: Call) -> None:
    posted(write, status="resolved")
    refused = write("POST", UPDATES, word(status="monitoring"))
    assert refused.status_code == 422
    assert "Open a new incident" in told(refused, 422)["detail"]


def test_a_draft_is_rewritten_then_published(write: Call, client: FlaskClient) -> None:
    draft = posted(write, draft=True, components={"panel-c.archive": {"status": "operational"}})
    place, page = f"{UPDATES}/{draft['id']}", f"/incidents/{FIRE}/"
    assert (draft["sequence"], draft["published_at"]) == (None, None)
    assert "Wraca magazyn." not in client.get(page).text
    rewritten = told(write("PATCH", place, {"body": {"pl": "Wrócił magazyn."}, "status": "monitoring"}))
    assert (rewritten["status"], rewritten["components"]) == ("monitoring", draft["components"])
    assert write("POST", f"{place}/publish", {"version": draft["version"]}).status_code == 409
    out = told(write("POST", f"{place}/publish"))
    assert out["published_at"]
    assert told(write("POST", f"{place}/publish"))["sequence"] == out["sequence"]
    assert "Wrócił magazyn." in client.get(page).text


def test_a_draft_can_be_thrown_away_and_what_is_published_cannot(write: Call) -> None:
    draft, out = posted(write, draft=True), posted(write)
    place = f"{UPDATES}/{draft['id']}"
    assert write("DELETE", place, If_Match='"something else"').status_code == 412
    assert (write("DELETE", place).status_code, write("DELETE", place).status_code) == (204, 404)
    assert write("DELETE", f"{UPDATES}/{out['id']}").status_code == 422


def test_what_is_scheduled_goes_out_by_itself(write: Call) -> None:
    update = posted(write, publish_at="2021-03-22T15:00:00+01:00")
    assert (update["publish_at"], update["published_at"]) == ("2021-03-22T14:00:00Z", None)
    put_off = told(write("PATCH", f"{UPDATES}/{update['id']}", {"publish_at": "2021-03-22T16:00:00+01:00"}))
    assert put_off["publish_at"] == "2021-03-22T15:00:00Z"
    scenes.live_at(scenes.at("2021-03-22 16:00"))
    with transaction() as session:
        assert publish_due(session, now()) == 1
    assert told(write("GET", f"{UPDATES}/{update['id']}"))["published_at"].startswith("2021-03-22T15:00:0")


def test_an_hour_taken_away_leaves_a_plain_draft(write: Call) -> None:
    update = posted(write, publish_at="2021-03-22T15:00:00+01:00")
    assert told(write("PATCH", f"{UPDATES}/{update['id']}", {"publish_at": None}))["publish_at"] is None


def test_what_is_told_late_takes_its_place(write: Call) -> None:
    late = posted(write, published_at="2021-03-12T10:00:00+01:00")
    assert (late["backfilled"], late["published_at"]) == (True, "2021-03-12T09:00:00Z")
    told_in_order = sequences(write)
    assert told_in_order == sorted(told_in_order, key=lambda one: one or 0)
    assert faults(write("POST", UPDATES, word(published_at="2021-03-23T10:00:00Z"))) == ["/published_at"]


def test_an_update_goes_out_in_one_way(write: Call) -> None:
    for second in ("publish_at", "published_at"):
        assert faults(write("POST", UPDATES, word(draft=True, **{second: "2021-03-22T15:00:00Z"}))) == [f"/{second}"]


def test_a_correction_is_marked_and_the_first_words_are_kept(write: Call, client: FlaskClient) -> None:
    update = posted(write)
    place = f"{UPDATES}/{update['id']}"
    corrected = told(write("PATCH", place, {"body": {"pl": "Wraca archiwum.", "en": "The archive is coming back."}}))
    assert corrected["corrected_at"]
    assert (corrected["body"]["pl"], corrected["body"]["stale"]) == ("Wraca archiwum.", [])
    assert "The archive is coming back." in client.get(f"/en/incidents/{FIRE}/").text
    late = {"body": {"pl": "inaczej"}, "version": update["version"]}
    assert write("PATCH", place, late).status_code == 409


def test_only_the_words_of_a_published_update_can_be_corrected(write: Call) -> None:
    place = f"{UPDATES}/{posted(write)['id']}"
    assert faults(write("PATCH", place, {"status": "resolved", "components": {}})) == ["/components"]
    assert told(write("GET", place))["status"] == "identified"


def test_an_update_is_found_in_its_own_incident_alone(write: Call) -> None:
    update = posted(write)
    assert write("GET", f"incidents/other/updates/{update['id']}").status_code == 404
    assert write("PATCH", f"{UPDATES}/{uuid4()}", {"body": BODY}).status_code == 404
    assert write("GET", f"{UPDATES}/1").status_code == 404
