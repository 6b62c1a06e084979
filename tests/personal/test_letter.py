"""The letter to one owner: both accounts, their merge, what to do now, what they asked for."""

import pytest
from sqlalchemy import select

from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.recovery.actions.backlog import set_state
from statuspage.recovery.actions.merging import end_merge, plan_merge, run_merge
from statuspage.recovery.models import AccountRecovery, BacklogRequest
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.rules.backlog import BacklogState
from statuspage.recovery.rules.merging import Example, Plan, Result
from tests import scenes
from tests.personal.conftest import Readers
from tests.personal.test_choices import text_of

ASKED = {"kind": "orders", "since": "2021-03-09", "note": "Allegro <b>i</b> sklep"}


def own(session, panel: str, name: str) -> AccountRecovery:  # type: ignore[no-untyped-def]
    found = account(session, panel, name)
    assert found is not None
    return found


def requests() -> list[tuple[str, str]]:
    with reading() as session:
        return [(one.account.account, one.note) for one in session.scalars(select(BacklogRequest))]


def test_both_accounts_stand_on_the_page_whichever_link_was_used(readers: Readers) -> None:
    by_original, by_temporary = (one.get("/en/recovery/my/").text for one in (readers.original, readers.temporary))
    assert by_original == by_temporary
    assert "1,200 of 4,000" in by_original
    assert "Your temporary account D-7 (Panel D)" in by_original
    assert "30 of 30" in by_original
    stranger = readers.stranger.get("/en/recovery/my/").text
    assert "D-7" not in stranger
    assert "10423" not in stranger


def test_the_letter_says_when_according_to_whom_and_what_to_do_now(readers: Readers) -> None:
    letter = text_of(readers.original.get("/en/recovery/my/").text)
    assert "according to the hosting provider · moved twice (15 → 19 → 22 March)" in letter
    assert "What to do now: Your account on panel C after the outage" in letter
    answers = letter.partition("Answers about what is not back yet")[2]
    first, second = "How do I get my warehouse back?", "Orders that I shipped are imported again. What now?"
    assert 0 < answers.index(first) < answers.index(second)
    assert "Mam zdublowane" not in letter


def test_what_is_back_is_not_explained(readers: Readers) -> None:
    assert "Orders that I shipped" not in readers.stranger.get("/en/recovery/my/").text


def test_the_plan_of_a_merge_its_run_and_its_result_are_on_the_page(readers: Readers) -> None:
    plan = Plan(310, 940, 2, (Example("A-1 <i>", "two orders have this number"),), 1, scenes.NOW)
    with transaction() as session:
        pair = own(session, "panel-c", "10423"), own(session, "panel-d", "D-7")
        merge = plan_merge(session, *pair, plan, SYSTEM).public_id
    letter = readers.temporary.get("/recovery/my/").text
    assert "Zamówienia z konta D-7 na konto 10423" in text_of(letter)
    assert "1 zamówienie do sprawdzenia" in letter
    assert "A-1 &lt;i&gt;" in letter
    assert "940" in letter
    with transaction() as session:
        run_merge(session, merge, None, actor=SYSTEM, now=scenes.NOW)
    assert "W toku" in readers.original.get("/recovery/my/").text
    with transaction() as session:
        end_merge(session, merge, Result(311, 939, 2, scenes.NOW), SYSTEM)
    done = text_of(readers.original.get("/recovery/my/").text)
    assert "Zakończono (poniedziałek 22 marca, 14:05 CET): utworzone 311, połączone z już istniejącymi 939" in done
    assert "D-7" not in readers.stranger.get("/recovery/my/").text


def test_a_request_is_kept_shown_and_answered(readers: Readers) -> None:
    answer = readers.original.post("/recovery/my/requests/", data=ASKED)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/recovery/my/#requests")
    page = readers.original.get("/recovery/my/").text
    assert "Import zamówień, od wtorku 9 marca: przyjęta" in text_of(page)
    assert "Allegro &lt;b&gt;i&lt;/b&gt; sklep" in page
    with transaction() as session:
        wish = session.scalars(select(BacklogRequest.public_id)).one()
        set_state(session, wish, BacklogState.DECLINED, "To już jest.", actor=SYSTEM, now=scenes.NOW)
    letter = text_of(readers.temporary.get("/recovery/my/").text)
    assert "odrzucona" in letter
    assert "To już jest." in letter
    assert "To już jest." not in readers.stranger.get("/recovery/my/").text


def test_the_same_request_twice_is_one_and_a_fourth_open_one_is_refused(readers: Readers) -> None:
    for since in ("2021-03-09", "2021-03-09", "2021-03-10", "2021-03-11"):
        assert readers.original.post("/recovery/my/requests/", data={**ASKED, "since": since}).status_code == 303
    assert len(requests()) == 3
    refused = readers.original.post("/recovery/my/requests/", data={**ASKED, "since": "2021-03-12"})
    assert refused.status_code == 422
    assert "Trzy prośby są już w toku" in refused.text
    assert readers.stranger.post("/recovery/my/requests/", data=ASKED).status_code == 303


def test_a_request_is_for_an_account_of_the_owner_alone(readers: Readers) -> None:
    with reading() as session:
        temporary, foreign = own(session, "panel-d", "D-7").id, own(session, "panel-c", "2").id
    assert readers.original.post("/recovery/my/requests/", data={**ASKED, "account": temporary}).status_code == 303
    for wrong in (foreign, "99999", "x", ""):
        assert readers.original.post("/recovery/my/requests/", data={**ASKED, "account": wrong}).status_code == 404
    assert [account for account, _ in requests()] == ["D-7"]


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "money"},
        {"kind": ""},
        {"since": ""},
        {"since": "9 March"},
        {"since": "2021-02-30"},
        {"since": "2021-03-23"},
        {"since": "1999-12-31"},
        {"note": "x" * 1001},
        {"note": "a\x00b"},
    ],
)
def test_a_request_that_cannot_be_meant_is_refused(readers: Readers, changes: dict[str, str]) -> None:
    assert readers.original.post("/recovery/my/requests/", data={**ASKED, **changes}).status_code == 422
    assert requests() == []
