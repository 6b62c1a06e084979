"""My choice on my page: chosen, kept as a receipt, changed until it is carried out, and nobody else's."""

import re

import pytest
from flask.testing import FlaskClient

from statuspage.db import reading, transaction
from statuspage.recovery.actions.choices import carry_out
from statuspage.recovery.queries.choices import choice_named
from statuspage.recovery.rules.choices import Carried
from tests import scenes
from tests.personal.conftest import DEADLINE, Readers


def path(choice: str, prefix: str = "") -> str:
    return f"{prefix}/recovery/my/choices/{choice}/"


def text_of(page: str) -> str:
    """The words of a page in one line."""
    inline = re.sub(r"</?(b|time|span|a|bdi)\b[^>]*>", "", page)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", inline)).replace("\u00a0", " ")


def chosen(choice: str) -> str | None:
    with reading() as session:
        found = choice_named(session, choice)
        assert found is not None
        return found.chosen


def carried(choice: str, option: str) -> None:
    with transaction(quiet=True) as session:
        tally, _ = carry_out(session, [Carried(choice, option, scenes.NOW)], scenes.NOW)
        assert tally.applied == 1


def test_the_letter_asks_with_deadline_and_default_in_both_languages(readers: Readers) -> None:
    polish = text_of(readers.original.get("/recovery/my/").text)
    assert "Czekamy na Twój wybór do piątku 26 marca, 18:00 CET." in polish
    assert "Jeśli do tego czasu nic nie wybierzesz, przyjmiemy: Zostaw produkty takie, jakie są teraz" in polish
    english = text_of(readers.original.get("/en/recovery/my/").text)
    assert "We need your choice by Friday 26 March, 18:00 CET." in english
    assert english.count("matched by EAN") == 1


def test_choosing_gives_a_receipt_to_keep_with_number_what_and_when(readers: Readers) -> None:
    answer = readers.original.post(path(readers.choice), data={"option": "match_ean"})
    assert (answer.status_code, answer.headers["Location"]) == (303, path(readers.choice))
    page = readers.original.get(path(readers.choice))
    receipt = text_of(page.text)
    assert re.search(r"Numer [2-9A-Z]{4}-[2-9A-Z]{4} ", receipt)
    assert "Twój wybór Zaktualizuj produkty sprzed awarii, dopasowując je po EAN" in receipt
    assert "poniedziałek 22 marca, 14:05 CET" in receipt
    assert page.headers["Cache-Control"] == "no-store"
    letter = text_of(readers.original.get("/en/recovery/my/").text)
    assert "You chose on Monday 22 March, 14:05 CET: Bring the earlier products up to date, matched by EAN" in letter
    assert "We need your choice by" not in letter


def test_a_choice_can_be_changed_until_it_is_carried_out(readers: Readers) -> None:
    for option in ("keep", "go_back"):
        assert readers.original.post(path(readers.choice), data={"option": option}).status_code == 303
    carried(readers.choice, "go_back")
    refused = readers.original.post(path(readers.choice), data={"option": "keep"})
    assert refused.status_code == 409
    assert "Twój wybór został już wykonany" in refused.text
    page = readers.original.get(path(readers.choice, "/en"))
    assert "Carried out on" in page.text
    assert "<form" not in page.text
    assert chosen(readers.choice) == "go_back"


def test_after_the_deadline_the_page_says_what_holds_and_still_takes_a_choice(readers: Readers) -> None:
    scenes.live_at(DEADLINE)
    letter = text_of(readers.original.get("/en/recovery/my/").text)
    assert "so this holds: Keep the products as they are now" in letter
    assert "We need your choice by" not in letter
    assert readers.original.post(path(readers.choice), data={"option": "go_back"}).status_code == 303
    assert chosen(readers.choice) == "go_back"


@pytest.mark.parametrize("option", ["", "sell", "KEEP"])
def test_what_was_not_offered_cannot_be_chosen(readers: Readers, option: str) -> None:
    assert readers.original.post(path(readers.choice), data={"option": option}).status_code == 422
    assert chosen(readers.choice) is None


def test_the_choice_of_another_account_is_as_if_there_were_none(readers: Readers) -> None:
    for choice in (readers.foreign, "nothing"):
        assert readers.original.get(path(choice)).status_code == 404
        assert readers.original.post(path(choice), data={"option": "keep"}).status_code == 404
    other = readers.original.get(path(readers.foreign)).text.replace(readers.foreign, "")
    assert other == readers.original.get(path("nothing")).text.replace("nothing", "")
    smuggled = {"option": "keep", "choice": readers.foreign, "account": "2", "id": "2"}
    readers.original.post(path(readers.choice), data=smuggled)
    assert (chosen(readers.choice), chosen(readers.foreign)) == ("keep", None)


def test_whoever_came_by_the_temporary_account_may_choose_too(readers: Readers) -> None:
    assert readers.temporary.post(path(readers.choice), data={"option": "keep"}).status_code == 303
    assert readers.stranger.post(path(readers.choice), data={"option": "go_back"}).status_code == 404
    assert chosen(readers.choice) == "keep"


@pytest.mark.parametrize(
    ("headers", "status"), [({"Sec-Fetch-Site": "cross-site"}, 403), ({"Origin": "null"}, 403), ({}, 303)]
)
def test_only_our_own_page_may_choose(readers: Readers, headers: dict[str, str], status: int) -> None:
    answer = readers.original.post(path(readers.choice), data={"option": "keep"}, headers=headers)
    assert answer.status_code == status
    assert (chosen(readers.choice) == "keep") is (status == 303)


def test_without_a_link_nothing_is_shown_or_chosen(readers: Readers, client: FlaskClient) -> None:
    assert client.get(path(readers.choice)).status_code == 403
    assert client.post(path(readers.choice), data={"option": "keep"}).status_code == 403
    assert client.post("/recovery/my/requests/", data={}).status_code == 403
