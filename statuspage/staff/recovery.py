"""Accounts in recovery: the board, find one, see its history, correct it, make its link; the wishes for links."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask import Flask, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock
from statuspage.accounts.queries import names
from statuspage.audit.actions import record
from statuspage.audit.queries import about
from statuspage.db import reading, transaction
from statuspage.errors import existing
from statuspage.i18n import noop
from statuspage.recovery.actions import corrections
from statuspage.recovery.actions.accounts import close_request, mint_link, revoke_links
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries import accounts, board, forwarding
from statuspage.recovery.rules.history import past
from statuspage.recovery.rules.links import login_key
from statuspage.recovery.rules.reports import STAGES
from statuspage.staff import desk
from statuspage.staff.forms import Act
from statuspage.staff.permissions import Permission
from statuspage.staff.recovery_forms import CorrectionForm
from statuspage.web import policy
from statuspage.web.gate import clean
from statuspage.web.site import site

LIST = "/staff/recovery/"
CLOSED = desk.notice("wish-closed", noop("The request is closed."))
CORRECTED = desk.notice("corrected", noop("Corrected. The next report of the panel's own servers may change it again."))
REVOKED = desk.notice("links-revoked", noop("All links to this account are ended."))


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.recovery", overview)
    app.add_url_rule(f"{LIST}<int:account_id>/", "staff.recovery_account", account)
    app.add_url_rule(f"{LIST}<int:account_id>/link", "staff.recovery_link", new_link, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:account_id>/correct", "staff.recovery_correct", correct, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:account_id>/revoke", "staff.recovery_revoke", revoke, methods=["POST"])
    app.add_url_rule(f"{LIST}requests/<int:request_id>/close", "staff.recovery_close", close, methods=["POST"])


@policy.needs("staff", Permission.READ)
def overview() -> Response:
    words = clean(request.args.get("account", ""))[:128].strip()
    found = search(words) if words else None
    with reading() as session:
        frame: dict[str, Any] = {"rows": board.rows(session), "stuck": board.stuck(session), "stages": list(STAGES)}
        wishes = accounts.open_requests(session)
        return desk.page("staff/recovery.html", words=words, found=found, wishes=wishes, **frame)


def search(words: str) -> Sequence[AccountRecovery]:
    """Accounts of this name or login. Who looked for what is on record, keyed: the log names no customer."""
    key = login_key(site().settings.secret, words)
    with transaction(quiet=True) as session:
        found = accounts.search(session, words, key)
        after = {"words": key.hex()[:32], "found": len(found)}
        record(session, desk.actor(), "recovery.search", "recovery", after=after)
        return found


@policy.needs("staff", Permission.READ)
def account(account_id: int) -> Response:
    with reading() as session:
        return account_page(session, known(session, account_id))


@policy.needs("staff", Permission.RECOVERY)
def new_link(account_id: int) -> Response:
    """Makes a link and shows it this once; answers the wishes for it."""
    Act.received().demand()
    with transaction(quiet=True) as session:
        owner = known(session, account_id)
        link = f"{site().settings.base_url}/recovery/a/{mint_link(session, owner, desk.actor())}/"
        return account_page(session, owner, link=link)


@policy.needs("staff", Permission.RECOVERY)
def correct(account_id: int) -> AnyResponse:
    form = CorrectionForm.received()
    if form.accepted():
        with form.saving() as session:
            corrections.correct(session, known(session, account_id), form.correction(), clock.now(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{account_id}/", CORRECTED)
    with reading() as session:
        owner = known(session, account_id)
        stages = accounts.stages_of(session, account_id)
        return desk.page("staff/recovery_correct.html", form.status, owner=owner, form=form, stages=stages)


def known(session: Session, account_id: int) -> AccountRecovery:
    return existing(session.get(AccountRecovery, account_id), "There is no such account.")


def account_page(session: Session, owner: AccountRecovery, link: str | None = None) -> Response:
    """Where an account stands, what it was before, and what staff did."""
    stages = [(one, past(one.past)) for one in accounts.stages_of(session, owner.id)]
    acts = about(session, f"recovery_account:{owner.id}")
    hands = {one.by for one, _ in stages} | {one.by for _, before in stages for one in before}
    people = people_of(session, hands | {one.actor for one in acts})
    frame: dict[str, Any] = {
        "stages": stages,
        "transfers": forwarding.transfers_of(session, owner),
        "acts": acts,
        "people": people,
    }
    return desk.page("staff/recovery_account.html", owner=owner, link=link, **frame)


def people_of(session: Session, actors: Iterable[str | None]) -> dict[str, str]:
    """The names of those actors that are staff, by actor."""
    found = {one: int(one.removeprefix("staff:")) for one in actors if one and re.fullmatch("staff:[0-9]{1,9}", one)}
    known = names(session, set(found.values()))
    return {actor: known[key] for actor, key in found.items() if key in known}


@policy.needs("staff", Permission.RECOVERY)
def revoke(account_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        revoke_links(session, known(session, account_id), desk.actor())
    return desk.done(f"{LIST}{account_id}/", REVOKED)


@policy.needs("staff", Permission.RECOVERY)
def close(request_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        close_request(session, request_id, desk.actor())
    return desk.done(LIST, CLOSED)
