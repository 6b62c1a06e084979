"""My account: a letter to one person, behind their link."""

from typing import Any

from flask import Flask, Response, redirect
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock, paths
from statuspage.db import reading
from statuspage.errors import Forbidden
from statuspage.estimates.rules import Subject
from statuspage.faq.rules import Kind
from statuspage.personal import key
from statuspage.personal.frame import page
from statuspage.publishing.snapshot import Snapshot
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries import accounts, forwarding
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
        return page("recovery-my", "personal/my.html", **_letter(session, owner), **_about(snapshot, owner.panel.slug))


def _letter(session: Session, owner: AccountRecovery) -> dict[str, Any]:
    return {
        "owner": owner,
        "stages": accounts.stages_of(session, owner.id),
        "transfers": forwarding.transfers_of(session, owner),
        "temporary": accounts.temporaries_of(session, owner.id),
    }


def _about(snapshot: Snapshot, slug: str) -> dict[str, Any]:
    """What the public page says of the panel."""
    now = clock.now()
    ledgers = [
        one
        for one in snapshot.ledgers
        if one.current and one.kind is not Subject.INCIDENT and one.subject.split(".", 1)[0] == slug
    ]
    return {
        "panel": snapshot.panel_by_slug.get(slug),
        "promises": [(one, one.current.is_overdue(now)) for one in ledgers if one.current],
        "guides": [one for one in snapshot.articles if one.kind is Kind.GUIDE and slug in one.panels],
    }
