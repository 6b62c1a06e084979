"""Readers behind their links: account 10423 of panel C with its temporary account, and a stranger."""

from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.recovery.actions.accounts import link_temporary, mint_link, open_account
from statuspage.recovery.actions.choices import open_choices
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries.choices import choices_of
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.choices import ChoiceKind, Opening
from statuspage.recovery.rules.reports import Report, State
from statuspage.web.site import Site
from tests import scenes

OPTIONS = ("keep", "go_back", "match_ean", "match_sku")
DEADLINE = scenes.at("2021-03-26 18:00")


@dataclass
class Readers:
    """The ids of the choices of two accounts, and browsers behind the links of three."""

    choice: str
    foreign: str
    original: FlaskClient
    temporary: FlaskClient
    stranger: FlaskClient


@pytest.fixture
def readers(app: Flask, site: Site) -> Readers:
    scenes.live_at()
    with transaction() as session:
        scenes.everything(session)
        session.flush()
        tokens = accounts(session)
        choices = [owed(session, name) for name in ("10423", "2")]
    site.publisher.publish()
    return Readers(*choices, *(_browser(app, one) for one in tokens))


def accounts(session: Session) -> list[str]:
    """The tokens of an original account, its temporary one, and a stranger."""
    reports = [
        Report("panel-c", name, "warehouse", State.NEEDS_CHOICE, 5, 10, 1, scenes.NOW) for name in ("10423", "2")
    ]
    reports += [
        Report("panel-c", "10423", "orders", State.RUNNING, 1200, 4000, 1, scenes.NOW),
        Report("panel-d", "D-7", "orders", State.RESTORED, 30, 30, 1, scenes.NOW),
    ]
    apply(session, panel_ids(session), reports, scenes.NOW)
    own: list[AccountRecovery] = [
        open_account(session, panel, name)
        for panel, name in (("panel-c", "10423"), ("panel-d", "D-7"), ("panel-c", "2"))
    ]
    link_temporary(session, own[0], own[1], SYSTEM)
    return [mint_link(session, one, SYSTEM) for one in own]


def owed(session: Session, name: str) -> str:
    """The id of a new choice of an account of panel C."""
    open_choices(session, [Opening("panel-c", name, ChoiceKind.WAREHOUSE, OPTIONS, "keep", DEADLINE)], scenes.NOW)
    return choices_of(session, [open_account(session, "panel-c", name).id])[0].public_id


def _browser(app: Flask, token: str) -> FlaskClient:
    browser = app.test_client()
    assert browser.get(f"/recovery/a/{token}/").status_code == 303
    return browser
