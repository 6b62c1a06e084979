"""A reader's own page behind their link, and the form that never says who is a customer."""

import time

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select

from statuspage.audit.actions import SYSTEM
from statuspage.db import db, reading, transaction
from statuspage.recovery.actions.accounts import describe_account, mint_link, open_account, revoke_links
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.models import LinkRequest
from statuspage.recovery.queries.accounts import account, open_requests
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.links import login_key
from statuspage.recovery.rules.reports import Report, State
from statuspage.settings import Settings
from statuspage.web.site import Site
from tests import scenes


@pytest.fixture
def link(site: Site, settings: Settings) -> str:
    """The token of account 10423 on panel C, whose login is `anna`; all is published."""
    scenes.live_at()
    with transaction() as session:
        scenes.everything(session)
        session.flush()
        one = Report("panel-c", "10423", "orders", State.RUNNING, 1200, 4000, 1, scenes.NOW)
        apply(session, panel_ids(session), [one], scenes.NOW)
        owner = open_account(session, "panel-c", "10423")
        describe_account(session, owner, {"login_hash": login_key(settings.secret, "anna")}, SYSTEM)
        token = mint_link(session, owner, SYSTEM)
    site.publisher.publish()
    return token


def test_the_link_leaves_the_address_and_opens_the_letter(client: FlaskClient, link: str) -> None:
    answer = client.get(f"/recovery/a/{link}/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/recovery/my/")
    cookies = answer.headers.getlist("Set-Cookie")
    assert [("HttpOnly" in one, "SameSite=Lax" in one) for one in cookies] == [(True, True)] * 2
    assert [part for one in cookies for part in one.split("; ") if part.startswith("Path")] == [
        "Path=/recovery/my/",
        "Path=/en/recovery/my/",
    ]
    letter = client.get("/recovery/my/")
    assert letter.status_code == 200
    assert "10423" in letter.text
    assert "1200" in letter.text.replace("\u00a0", "").replace(" ", "")
    assert link not in letter.text
    assert letter.headers["Cache-Control"] == "no-store"
    assert letter.headers["Referrer-Policy"] == "no-referrer"


def test_the_link_keeps_its_language(client: FlaskClient, link: str) -> None:
    answer = client.get(f"/en/recovery/a/{link}/", follow_redirects=True)
    assert answer.request.path == "/en/recovery/my/"
    assert "1,200 of 4,000" in answer.text


@pytest.mark.parametrize(("token", "status"), [("nothing", 403), ("x" * 43, 403), ("\u0142", 403), ("%00", 400)])
def test_a_wrong_link_opens_nothing(client: FlaskClient, link: str, token: str, status: int) -> None:
    answer = client.get(f"/recovery/a/{token}/")
    assert answer.status_code == status
    assert "Set-Cookie" not in answer.headers
    assert client.get("/recovery/my/").status_code == 403


def test_a_revoked_link_opens_nothing(client: FlaskClient, link: str) -> None:
    client.get(f"/recovery/a/{link}/")
    with transaction(quiet=True) as session:
        owner = account(session, "panel-c", "10423")
        assert owner is not None
        revoke_links(session, owner, SYSTEM)
    assert client.get("/recovery/my/").status_code == 403


def test_a_link_ends_after_90_days(client: FlaskClient, link: str, monkeypatch: pytest.MonkeyPatch) -> None:
    later = time.time() + 90 * 86400
    with monkeypatch.context() as patch:
        patch.setattr("statuspage.clock.wall", lambda: scenes.datetime.fromtimestamp(later, scenes.WARSAW))
        assert client.get(f"/recovery/a/{link}/").status_code == 403
    assert client.get(f"/recovery/a/{link}/").status_code == 303


@pytest.mark.parametrize("path", ["/recovery/link/", "/en/recovery/link/"])
def test_a_known_and_an_unknown_login_get_the_same_bytes(client: FlaskClient, link: str, path: str) -> None:
    assert client.get(path).status_code == 200
    known = client.post(path, data={"login": " Anna "})
    unknown = client.post(path, data={"login": "bert"})
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert sorted(known.headers) == sorted(unknown.headers)
    with reading() as session:
        wishes = open_requests(session)
        assert [one.account_id is not None for one in wishes] == [True, False]
        assert all(b"anna" not in one.login_hash for one in wishes)


def test_the_same_wish_twice_is_one_and_a_new_link_answers_it(client: FlaskClient, link: str) -> None:
    for _ in range(2):
        client.post("/recovery/link/", data={"login": "anna"})
    with transaction(quiet=True) as session:
        assert len(open_requests(session)) == 1
        owner = account(session, "panel-c", "10423")
        assert owner is not None
        mint_link(session, owner, SYSTEM)
    with reading() as session:
        assert open_requests(session) == []


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8000"}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Origin": "http://127.0.0.1:8000"}, 200),
        ({}, 200),
    ],
)
def test_only_our_own_page_may_send_the_form(
    client: FlaskClient, link: str, headers: dict[str, str], status: int
) -> None:
    assert client.post("/recovery/link/", data={"login": "anna"}, headers=headers).status_code == status
    with reading() as session:
        assert (session.scalar(select(LinkRequest.id)) is not None) is (status == 200)


@pytest.mark.parametrize("login", ["", "   ", "x" * 129, "a\x00b"])
def test_a_login_that_cannot_be_one_is_refused(client: FlaskClient, link: str, login: str) -> None:
    assert client.post("/recovery/link/", data={"login": login}).status_code == 422
    with reading() as session:
        assert open_requests(session) == []


def test_a_known_and_an_unknown_login_take_the_same_steps_also_the_second_time(client: FlaskClient, link: str) -> None:
    steps: list[str] = []
    event.listen(db.engine, "before_cursor_execute", lambda *told: steps.append(told[2]))
    taken = []
    for login in ("anna", "bert") * 2:
        steps.clear()
        client.post("/recovery/link/", data={"login": login})
        taken.append(list(steps))
    assert len(taken[0]) > 2
    assert taken[0] == taken[1] == taken[2] == taken[3]


def test_too_many_wishes_are_slowed_down_alike_for_known_and_unknown(client: FlaskClient, link: str) -> None:
    for _ in range(20):
        assert client.post("/recovery/link/", data={"login": "anna"}).status_code == 200
    known = client.post("/recovery/link/", data={"login": "anna"})
    unknown = client.post("/recovery/link/", data={"login": "bert"})
    assert (known.status_code, known.data) == (unknown.status_code, unknown.data)
    assert known.status_code == 429
    assert int(known.headers["Retry-After"]) > 0
    elsewhere = client.post("/recovery/link/", data={"login": "anna"}, environ_base={"REMOTE_ADDR": "192.0.2.9"})
    assert elsewhere.status_code == 200
