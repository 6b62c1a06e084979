"""Planned work by programs: announced, changed, told, cancelled."""

from typing import Any

from flask.testing import FlaskClient

from tests import scenes
from tests.api.conftest import Call, faults, told


def work(**changes: Any) -> dict[str, Any]:
    return {
        "title": {"pl": "Wymiana macierzy", "en": "A new disk array"},
        "body": {"pl": "Etykiety nie będą działać.", "en": "Labels will not print."},
        "starts_at": "2021-03-24T01:00:00+01:00",
        "ends_at": "2021-03-24T03:00:00+01:00",
        "components": ["panel-a.shipments", "panel-a.warehouse"],
        **changes,
    }


def announced(write: Call, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = told(write("POST", "maintenance", work(**changes)), 201)
    return found


def test_what_is_announced_is_on_the_page_when_the_answer_comes_back(write: Call, client: FlaskClient) -> None:
    made = announced(write)
    assert (made["phase"], made["starts_at"], made["updates"]) == ("scheduled", "2021-03-24T00:00:00Z", [])
    assert sorted(made["components"]) == ["panel-a.shipments", "panel-a.warehouse"]
    assert "A new disk array" in client.get(f"/en/maintenance/{made['id']}/").text
    assert told(write("GET", f"maintenance/{made['id']}")) == made


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"ends_at": "2021-03-24T00:00:00Z"}, "/ends_at"),
    ({"components": []}, "/components"),
    ({"components": ["panel-z.login"]}, "/components/panel-z.login"),
    ({"components": ["login"]}, "/components/0"),
    ({"title": {"en": None}}, "/title/pl"),
    ({"body": {"pl": "x", "source": "en"}}, "/body/en"),
    ({"phase": "completed"}, "/phase"),
]


def test_each_wrong_field_is_named_and_nothing_is_announced(write: Call) -> None:
    before = write("GET", "maintenance").json
    for changes, path in WRONG:
        assert (changes, faults(write("POST", "maintenance", work(**changes)))) == (changes, [path])
    assert write("GET", "maintenance").json == before


def test_a_change_keeps_what_it_does_not_name(write: Call) -> None:
    made = announced(write)
    place = f"maintenance/{made['id']}"
    later = told(write("PATCH", place, {"ends_at": "2021-03-24T04:00:00+01:00", "version": made["version"]}))
    expected = {**made, "ends_at": "2021-03-24T03:00:00Z", "version": made["version"] + 1}
    assert {**later, "changed_at": made["changed_at"]} == expected
    smaller = told(write("PATCH", place, {"components": ["panel-a.shipments"], "body": {"pl": "Krócej."}}))
    assert (smaller["components"], smaller["body"]["stale"]) == (["panel-a.shipments"], ["en"])
    assert write("PATCH", place, {"title": {"pl": "za późno"}, "version": made["version"]}).status_code == 409


def test_work_goes_on_and_never_back(write: Call) -> None:
    place = f"maintenance/{announced(write)['id']}"
    body = {"pl": "Zaczynamy wcześniej."}
    assert told(write("POST", f"{place}/updates", {"phase": "in_progress", "body": body}))["sequence"] == 1
    assert write("POST", f"{place}/updates", {"phase": "scheduled", "body": body}).status_code == 422
    assert told(write("GET", place))["phase"] == "in_progress"
    scenes.live_at(scenes.at("2021-03-24 03:00"))
    assert told(write("GET", place))["phase"] == "completed"
    assert write("POST", f"{place}/cancel").status_code == 422


def test_the_same_key_announces_and_tells_once(write: Call) -> None:
    first, again = (write("POST", "maintenance", work(), Idempotency_Key="k") for _ in range(2))
    assert first.json == again.json
    place = f"maintenance/{told(first, 201)['id']}"
    for _ in range(2):
        write("POST", f"{place}/updates", {"phase": "verifying", "body": {"pl": "Sprawdzamy."}}, Idempotency_Key="k")
    assert len(told(write("GET", place))["updates"]) == 1


def test_cancelled_work_leaves_the_page_and_stays_cancelled(write: Call) -> None:
    made = announced(write)
    place = f"maintenance/{made['id']}"
    assert write("POST", f"{place}/cancel", {}, If_Match='"old"').status_code == 412
    cancelled = told(write("POST", f"{place}/cancel", {"version": made["version"]}))
    assert cancelled["cancelled_at"]
    assert told(write("POST", f"{place}/cancel")) == cancelled
    assert write("PATCH", place, {"title": {"pl": "x"}}).status_code == 422


def test_the_list_has_all_in_pages(write: Call) -> None:
    made = [announced(write)["id"] for _ in range(2)]
    listed = told(write("GET", "maintenance"))["maintenance"]
    assert [one["id"] for one in listed][-2:] == made
    first = write("GET", "maintenance?limit=1")
    assert len(told(first)["maintenance"]) == 1
    assert 'rel="next"' in first.headers["Link"]
    assert write("GET", "maintenance/nothing").status_code == 404
