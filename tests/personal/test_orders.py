"""What a reader sees of their own orders on the move: how far, and why the rest does not move."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.panels.models import Panel
from statuspage.recovery.actions.accounts import mint_link, open_account
from statuspage.recovery.actions.transfers import Opening, apply_transfers, open_transfer
from statuspage.recovery.rules.forwarding import TransferKind, TransferReport
from statuspage.web.site import Site
from tests.scenes import NOW

HOUR_AGO = NOW - timedelta(hours=1)


def letter(client: FlaskClient, kind: TransferKind, moved: int, waiting: int, locale: str = "/en") -> str:
    """The page of an account into which so many orders moved an hour ago."""
    with transaction() as session:
        panel = session.scalars(select(Panel).where(Panel.slug == "panel-c")).one()
        owner = open_account(session, "panel-c", "10423")
        opening = Opening(kind, panel, moved + waiting, HOUR_AGO, to_account="10423", public_id="mine")
        open_transfer(session, opening, SYSTEM)
        apply_transfers(session, [TransferReport("mine", moved, 0, 0, waiting, 1, HOUR_AGO)])
        token = mint_link(session, owner, SYSTEM)
    text = re.sub(r"</?time[^>]*>", "", client.get(f"{locale}/recovery/a/{token}/", follow_redirects=True).text)
    return " ".join(text.split()).replace("\u00a0", " ")


def test_a_queue_that_stands_says_since_when(client: FlaskClient, scene: Site) -> None:
    page = letter(client, TransferKind.QUEUE, 30, 70)
    assert "nothing has moved since" in page
    assert "Monday 22 March, 13:05 CET" in page


def test_the_polish_letter_says_it_too(client: FlaskClient, scene: Site) -> None:
    assert "kolejka stoi od" in letter(client, TransferKind.QUEUE, 30, 70, "")


def test_orders_held_back_say_what_they_wait_for(client: FlaskClient, scene: Site) -> None:
    page = letter(client, TransferKind.TEMPORARY, 1, 99)
    assert "the rest follows once the first ones have been checked" in page
    assert "nothing has moved" not in page


@pytest.mark.parametrize("kind", list(TransferKind))
def test_what_is_done_stands_still_without_a_word(client: FlaskClient, scene: Site, kind: TransferKind) -> None:
    page = letter(client, kind, 1, 0)
    assert "1 created" in page
    assert "nothing has moved" not in page
    assert "the rest follows" not in page


def moving(client: FlaskClient, moments: dict[int, int], locale: str = "/en") -> str:
    """The page of an account into whose queue of 1,000 orders so many had moved, so many minutes ago."""
    with transaction() as session:
        panel = session.scalars(select(Panel).where(Panel.slug == "panel-c")).one()
        owner = open_account(session, "panel-c", "10423")
        begun = NOW - timedelta(minutes=max(moments))
        opening = Opening(TransferKind.QUEUE, panel, 1000, begun, to_account="10423", public_id="mine")
        open_transfer(session, opening, SYSTEM)
        for minutes, moved in moments.items():
            at = NOW - timedelta(minutes=minutes)
            apply_transfers(session, [TransferReport("mine", moved, 0, 0, 1000 - moved, 100_000 - minutes, at)])
        # A faster queue of somebody else on the same panel says nothing about mine.
        open_transfer(
            session, Opening(TransferKind.QUEUE, panel, 90_000, begun, to_account="2", public_id="other"), SYSTEM
        )
        apply_transfers(session, [TransferReport("other", 80_000, 0, 0, 10_000, 1, NOW)])
        token = mint_link(session, owner, SYSTEM)
    text = re.sub(r"</?time[^>]*>", "", client.get(f"{locale}/recovery/a/{token}/", follow_redirects=True).text)
    return " ".join(text.split()).replace("\u00a0", " ")


STEADY = {120: 0, 60: 100, 0: 200}
FASTER = {360: 0, 60: 100, 0: 200}


def test_my_queue_says_when_it_is_through_and_how_fast_it_is(client: FlaskClient, scene: Site) -> None:
    page = moving(client, STEADY)
    assert "200 created, 0 merged with ones you had, 800 waiting" in page
    assert "100 orders an hour" in page
    assert "all through at about Monday 22 March, 22:0" in page


def test_a_pace_that_changed_gives_a_range_with_what_it_rests_on(client: FlaskClient, scene: Site) -> None:
    page = moving(client, FASTER)
    assert "all through between Monday 22 March, 22:0" in page
    assert "CET and Tuesday 23 March, 14:0" in page


def test_the_polish_letter_says_when_the_queue_is_through(client: FlaskClient, scene: Site) -> None:
    page = moving(client, STEADY, "")
    assert "koniec kolejki około" in page
    assert "100 zamówień na godzinę" in page


def test_what_has_moved_once_alone_promises_nothing(client: FlaskClient, scene: Site) -> None:
    page = moving(client, {0: 0})
    assert "1,000 waiting" in page
    assert "all through" not in page
