"""Guides and questions by programs: written, bound, shown, changed, taken back."""

from typing import Any

from flask.testing import FlaskClient

from statuspage.db import transaction
from statuspage.faq.actions import vote
from tests.api.conftest import Call, faults, told
from tests.scenes import FIRE


def guide(**changes: Any) -> dict[str, Any]:
    return {
        "slug": "labels-by-hand",
        "kind": "guide",
        "title": {"pl": "Etykiety ręcznie", "en": "Labels by hand"},
        "body": {"pl": "1. Wejdź na stronę kuriera.", "en": "1. Open the carrier's site."},
        "category": {"pl": "Przesyłki", "en": "Shipments"},
        "bound": {"panel": ["panel-c"], "function": ["shipments"], "incident": [FIRE]},
        **changes,
    }


def written(write: Call, **changes: Any) -> dict[str, Any]:
    found: dict[str, Any] = told(write("POST", "articles", guide(**changes)), 201)
    return found


def test_an_article_is_a_draft_until_it_is_published_and_again_when_withdrawn(write: Call, client: FlaskClient) -> None:
    made = written(write)
    page = "/en/faq/labels-by-hand/"
    assert (made["id"], made["published_at"], client.get(page).status_code) == ("labels-by-hand", None, 404)
    shown = told(write("POST", "articles/labels-by-hand/publish"))
    assert "Open the carrier" in client.get(page).text
    assert told(write("POST", "articles/labels-by-hand/publish")) == shown
    assert told(write("POST", "articles/labels-by-hand/withdraw"))["published_at"] is None
    assert client.get(page).status_code == 404


def test_it_can_be_published_at_once_and_stands_where_it_is_bound(write: Call, client: FlaskClient) -> None:
    made = written(write, publish=True)
    assert made["bound"] == guide()["bound"]
    assert made["url"].endswith("/faq/labels-by-hand/")
    assert "Labels by hand" in client.get("/en/panels/panel-c/").text
    assert told(write("GET", "articles/labels-by-hand")) == made


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"slug": "Labels"}, "/slug"),
    ({"title": {}}, "/title/pl"),
    ({"category": {"pl": "x", "source": "en"}}, "/category/en"),
    ({"bound": {"panel": ["panel-z"]}}, "/bound/panel/panel-z"),
    ({"bound": {"shop": []}}, "/bound/shop"),
    ({"related": ["nothing"]}, "/related/nothing"),
    ({"valid_from": "2021-03-02T00:00:00Z", "valid_until": "2021-03-01T00:00:00Z"}, "/valid_until"),
    ({"position": -1}, "/position"),
]


def test_each_wrong_field_is_named_and_nothing_is_written(write: Call) -> None:
    before = write("GET", "articles").json
    for changes, path in WRONG:
        assert (changes, faults(write("POST", "articles", guide(**changes)))) == (changes, [path])
    assert write("GET", "articles").json == before


def test_an_address_is_given_once(write: Call) -> None:
    written(write)
    assert faults(write("POST", "articles", guide())) == ["/slug"]


def test_a_change_keeps_what_it_does_not_name(write: Call) -> None:
    made = written(write, valid_until="2021-04-01T00:00:00Z")
    place = f"articles/{made['id']}"
    moved = told(write("PATCH", place, {"position": 1, "version": made["version"]}))
    assert moved == {**made, "position": 1, "version": made["version"] + 1}
    emptied = told(write("PATCH", place, {"valid_until": None, "category": None, "bound": {"panel": ["panel-a"]}}))
    assert (emptied["valid_until"], emptied["category"]) == (None, None)
    assert emptied["bound"] == {"panel": ["panel-a"], "function": [], "incident": []}
    assert write("PATCH", place, {"kind": "question", "version": made["version"]}).status_code == 409


def test_a_vote_is_no_change_that_a_writer_must_know_of(write: Call) -> None:
    place = f"articles/{written(write, publish=True)['id']}"
    tag = write("GET", place).headers["ETag"]
    with transaction() as session:
        vote(session, "labels-by-hand", True)
    assert write("PATCH", place, {"position": 2}, If_Match=tag).status_code == 200
    assert write("PATCH", place, {"position": 3}, If_Match=tag).status_code == 412


def test_without_a_position_it_is_the_last_one(write: Call) -> None:
    listed = told(write("GET", "articles"))["articles"]
    assert written(write)["position"] == max(one["position"] for one in listed) + 1
    assert told(write("GET", "articles"))["articles"][-1]["id"] == "labels-by-hand"
