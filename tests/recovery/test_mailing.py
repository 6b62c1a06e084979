"""Links and reminders are mailed by the worker: at least once, never in a flood, and given up in the end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.db import reading, transaction
from statuspage.mail.client import Smtp, Undelivered
from statuspage.mail.rules import MOST_TRIES, Letter
from statuspage.recovery.actions.accounts import describe_account, open_account, request_link
from statuspage.recovery.actions.choices import choose, open_choices
from statuspage.recovery.actions.mailing import claim_link
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.jobs import Mail
from statuspage.recovery.models import LinkRequest
from statuspage.recovery.queries.accounts import account, by_link, open_requests
from statuspage.recovery.queries.choices import choices_of
from statuspage.recovery.queries.mailing import unmailed
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.choices import ChoiceKind, Opening
from statuspage.recovery.rules.reports import Report, State
from tests import scenes
from tests.mail.sinks import Sink, sink
from tests.races import together

ANNA, BERT, NOBODY = b"a" * 32, b"b" * 32, b"n" * 32
DEADLINE = scenes.at("2021-03-26 18:00")


@dataclass
class Refusing:
    """A way that takes nothing."""

    for_good: bool = False
    tried: list[Letter] = field(default_factory=list)

    def send(self, letter: Letter) -> None:
        self.tried.append(letter)
        raise Undelivered("not now", for_good=self.for_good)

    def check(self) -> None:
        pass


def mail(way: object) -> Mail:
    return Mail(way, "https://status.example.com", ("pl", "en"), scenes.WARSAW)  # type: ignore[arg-type]  # a stand-in


@pytest.fixture
def server(app: Flask) -> Iterator[Sink]:
    """A mail server, and two accounts: `anna` has a contact, `bert` has none."""
    scenes.live_at()
    with transaction() as session:
        scenes.panels(session)
        reports = [Report("panel-c", name, "warehouse", State.NEEDS_CHOICE, 1, 2, 1, scenes.NOW) for name in ("1", "2")]
        apply(session, panel_ids(session), reports, scenes.NOW)
        anna = {"login_hash": ANNA, "contact": "anna@example.com"}
        describe_account(session, open_account(session, "panel-c", "1"), anna, SYSTEM)
        describe_account(session, open_account(session, "panel-c", "2"), {"login_hash": BERT}, SYSTEM)
    with sink() as found:
        yield found


def smtp(server: Sink) -> Mail:
    return mail(Smtp(server.url, "status@example.com", "Acme", seconds=2))


def wish(login: bytes, locale: str | None = None) -> None:
    with transaction(quiet=True) as session:
        request_link(session, login, clock.wall(), locale)


def later(monkeypatch: pytest.MonkeyPatch, by: timedelta) -> None:
    moment: datetime = clock.wall() + by
    monkeypatch.setattr("statuspage.clock.wall", lambda: moment)


def test_a_link_is_mailed_in_the_language_of_the_form_and_opens_the_page(server: Sink) -> None:
    wish(ANNA, "en")
    assert smtp(server).send_links() == 1
    ((_, recipients, letter),) = server.taken
    assert recipients == ["anna@example.com"]
    assert letter["Subject"] == "Your link to the page of your account"
    found = re.search(r"https://status\.example\.com/en/recovery/a/([\w-]{43})/", letter.get_content())
    assert found
    with reading() as session:
        owner = by_link(session, found[1], clock.wall())
        assert owner is not None
        assert owner.account == "1"
        assert open_requests(session) == []
    assert smtp(server).send_links() == 0


def test_who_has_no_contact_and_who_is_unknown_wait_for_staff(server: Sink) -> None:
    wish(BERT)
    wish(NOBODY)
    assert smtp(server).send_links() == 0
    with reading() as session:
        assert [one.account is None for one in open_requests(session)] == [False, True]


def test_a_letter_box_is_not_flooded(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        wish(ANNA)
        smtp(server).send_links()
    assert len(server.taken) == 1
    later(monkeypatch, timedelta(minutes=16))
    wish(ANNA)
    smtp(server).send_links()
    assert len(server.taken) == 2


def test_what_could_not_be_sent_is_tried_again_after_a_pause(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(ANNA)
    refusing = Refusing()
    assert (mail(refusing).send_links(), mail(refusing).send_links()) == (1, 0)
    assert smtp(server).send_links() == 0
    later(monkeypatch, timedelta(seconds=61))
    assert smtp(server).send_links() == 1
    assert len(server.taken) == 1


def test_after_all_tries_or_a_refusal_for_good_it_waits_for_staff(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    wish(ANNA)
    tries = Refusing()
    for _ in range(MOST_TRIES + 3):
        mail(tries).send_links()
        later(monkeypatch, timedelta(hours=4))
    assert len(tries.tried) == MOST_TRIES
    with reading() as session:
        assert (len(open_requests(session)), unmailed(session)) == (1, 1)
    wish(ANNA)
    for_good = Refusing(for_good=True)
    for _ in range(3):
        mail(for_good).send_links()
        later(monkeypatch, timedelta(hours=4))
    assert len(for_good.tried) == 1


def test_who_dies_between_sending_and_noting_it_sends_once_more(server: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    wish(ANNA)
    with transaction(quiet=True) as session:
        assert claim_link(session, clock.wall()) is not None
    assert smtp(server).send_links() == 0
    later(monkeypatch, timedelta(minutes=2))
    assert smtp(server).send_links() == 1


def test_two_workers_do_not_send_the_same_letter(app: Flask, server: Sink) -> None:
    wish(ANNA)
    claimed = together(app, *[lambda session: claim_link(session, clock.wall())] * 3)
    assert sum(one is not None for one in claimed) == 1


def test_every_wish_writes_one_row_so_that_none_can_be_told_by_its_time(server: Sink) -> None:
    for login in (ANNA, NOBODY) * 3:
        wish(login)
    with reading() as session:
        rows = session.query(LinkRequest).all()
        assert len(rows) == 6
        assert len(open_requests(session)) == 2


def owe(now: datetime = scenes.NOW) -> str:
    options = ("keep", "go_back", "match_ean")
    with transaction() as session:
        opening = [Opening("panel-c", name, ChoiceKind.WAREHOUSE, options, "go_back", DEADLINE) for name in ("1", "2")]
        open_choices(session, opening, now)
        owner = account(session, "panel-c", "1")
        assert owner is not None
        return choices_of(session, [owner.id])[0].public_id


def test_two_days_before_the_deadline_whoever_has_not_chosen_is_reminded_once(server: Sink) -> None:
    owe()
    assert smtp(server).remind() == 0
    scenes.live_at(DEADLINE - timedelta(hours=48))
    assert (smtp(server).remind(), smtp(server).remind()) == (1, 0)
    ((_, recipients, letter),) = server.taken
    assert recipients == ["anna@example.com"]
    body = letter.get_content()
    assert "do piątku 26 marca, 18:00 CET" in body.replace("\u00a0", " ")
    assert "Przywróć produkty sprzed awarii" in body
    assert "Go back to the products from before the outage" in body
    assert "https://status.example.com/en/recovery/link/" in body


@pytest.mark.parametrize("moment", [DEADLINE, DEADLINE + timedelta(days=1)])
def test_after_the_deadline_nobody_is_reminded(server: Sink, moment: datetime) -> None:
    owe()
    scenes.live_at(moment)
    assert smtp(server).remind() == 0


def test_who_has_chosen_is_not_reminded(server: Sink) -> None:
    choice = owe()
    with transaction() as session:
        owner = account(session, "panel-c", "1")
        assert owner is not None
        choose(session, owner, choice, "keep", scenes.NOW)
    scenes.live_at(DEADLINE - timedelta(hours=1))
    assert smtp(server).remind() == 0


def test_a_reminder_that_fails_is_tried_again_and_given_up_when_refused_for_good(
    server: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    owe()
    scenes.live_at(DEADLINE - timedelta(hours=47))
    refusing = Refusing()
    assert (mail(refusing).remind(), mail(refusing).remind()) == (1, 0)
    later(monkeypatch, timedelta(minutes=2))
    refusing = Refusing(for_good=True)
    assert mail(refusing).remind() == 1
    later(monkeypatch, timedelta(hours=1))
    assert smtp(server).remind() == 0
