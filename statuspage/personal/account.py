"""My account: a letter to one person, behind their link."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock, paths
from statuspage.db import reading
from statuspage.errors import Forbidden
from statuspage.estimates.rules import Subject
from statuspage.personal import key, steps
from statuspage.personal.frame import page
from statuspage.publishing.snapshot import Snapshot
from statuspage.recovery.models import AccountRecovery, BacklogRequest
from statuspage.recovery.queries import accounts, forwarding
from statuspage.recovery.queries.backlog import requests_of
from statuspage.recovery.queries.choices import choices_of
from statuspage.recovery.queries.merging import family, merges_of
from statuspage.recovery.rules import backlog, merging
from statuspage.recovery.rules.choices import QUESTIONS
from statuspage.web import policy
from statuspage.web.site import site

KEPT_SECONDS = 12 * 3600


def register(app: Flask, locale: str) -> None:
    default = app.extensions["statuspage"].settings.default_locale
    app.add_url_rule(paths.path("recovery-key", locale, default, "<token>"), f"personal.key.{locale}", come)
    app.add_url_rule(paths.path("recovery-my", locale, default), f"personal.my.{locale}", my)


@policy.public
def come(token: str) -> AnyResponse:
    """The link: leaves the token in a cookie for the page alone, and out of the address."""
    with reading() as session:
        if accounts.by_link(session, token, clock.wall()) is None:
            raise Forbidden(key.NO_KEY)
    pages, locales = site().pages, site().settings.locales
    response = redirect(pages.href("recovery-my", key.locale()), 303)
    secure = site().settings.base_url.startswith("https")
    for locale in locales:
        path = pages.href("recovery-my", locale)
        response.set_cookie(key.COOKIE, token, KEPT_SECONDS, path=path, secure=secure, httponly=True, samesite="Lax")
    return response


@policy.needs("personal", "account")
def my() -> Response:
    """Which panel, what works, how far the data is, when the rest comes, what to do now."""
    snapshot = site().snapshot()
    with reading() as session:
        owner = session.get_one(AccountRecovery, key.account_id())
        return page("recovery-my", "personal/my.html", **_letter(session, snapshot, owner))


def _letter(session: Session, snapshot: Snapshot, owner: AccountRecovery) -> dict[str, Any]:
    """The owner's accounts, the original first, and what is asked of them."""
    own = family(session, owner)
    ids, now = [one.id for one in own], clock.now()
    requests = requests_of(session, ids)
    parts = [_part(session, snapshot, one) for one in own]
    return {
        "parts": parts,
        "transfers": {move.id: move for one in own for move in forwarding.transfers_of(session, one)}.values(),
        "choices": choices_of(session, ids),
        "questions": QUESTIONS,
        "merges": merges_of(session, ids),
        "merge_states": merging.STATES,
        "requests": requests,
        "backlog_kinds": backlog.KINDS,
        "backlog_states": backlog.STATES,
        "may_ask": {one.id for one in own if _open(requests, one.id) < backlog.MOST_OPEN},
        "steps": steps.to_do(snapshot, [(one["account"].panel.slug, one["stages"]) for one in parts]),
        "now": now,
        "today": now.astimezone(site().settings.zone).date(),
    }


def _open(requests: Sequence[BacklogRequest], account: int) -> int:
    return sum(one.state.is_open for one in requests if one.account_id == account)


def _part(session: Session, snapshot: Snapshot, account: AccountRecovery) -> dict[str, Any]:
    """One account: its data, and what the public page says of its panel."""
    now, slug = clock.now(), account.panel.slug
    ledgers = [
        one
        for one in snapshot.ledgers
        if one.current and one.kind is not Subject.INCIDENT and one.subject.split(".", 1)[0] == slug
    ]
    return {
        "account": account,
        "stages": accounts.stages_of(session, account.id),
        "panel": snapshot.panel_by_slug.get(slug),
        "promises": [(one, one.current.is_overdue(now)) for one in ledgers if one.current],
    }
