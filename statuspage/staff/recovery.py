"""Accounts in recovery: find one, see where it stands, make its link; the wishes for links that wait for somebody."""

from flask import Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse

from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.errors import NotFound
from statuspage.i18n import noop
from statuspage.recovery.actions.accounts import close_request, mint_link, revoke_links
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries import accounts, forwarding
from statuspage.staff import desk
from statuspage.staff.forms import Act
from statuspage.web import policy
from statuspage.web.gate import clean
from statuspage.web.site import site

LIST = "/staff/recovery/"
CLOSED = desk.notice("wish-closed", noop("The request is closed."))
REVOKED = desk.notice("links-revoked", noop("All links to this account are ended."))


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.recovery", overview)
    app.add_url_rule(f"{LIST}<int:account_id>/", "staff.recovery_account", account)
    app.add_url_rule(f"{LIST}<int:account_id>/link", "staff.recovery_link", new_link, methods=["POST"])
    app.add_url_rule(f"{LIST}<int:account_id>/revoke", "staff.recovery_revoke", revoke, methods=["POST"])
    app.add_url_rule(f"{LIST}requests/<int:request_id>/close", "staff.recovery_close", close, methods=["POST"])


@policy.needs("staff", Role.VIEWER)
def overview() -> Response:
    words = clean(request.args.get("account", ""))[:128]
    with reading() as session:
        found = accounts.search(session, words) if words.strip() else None
        wishes = accounts.open_requests(session)
        return desk.page("staff/recovery.html", words=words, found=found, wishes=wishes)


@policy.needs("staff", Role.VIEWER)
def account(account_id: int) -> Response:
    with reading() as session:
        owner = session.get(AccountRecovery, account_id)
        if owner is None:
            raise NotFound("There is no such account.")
        stages, transfers = accounts.stages_of(session, account_id), forwarding.transfers_of(session, owner)
        return desk.page("staff/recovery_account.html", owner=owner, stages=stages, transfers=transfers, link=None)


@policy.needs("staff", Role.EDITOR)
def new_link(account_id: int) -> Response:
    """Makes a link and shows it this once; answers the wishes for it."""
    Act.received().demand()
    with transaction(quiet=True) as session:
        owner = session.get(AccountRecovery, account_id)
        if owner is None:
            raise NotFound("There is no such account.")
        link = f"{site().settings.base_url}/recovery/a/{mint_link(session, owner, desk.actor())}/"
        stages, transfers = accounts.stages_of(session, account_id), forwarding.transfers_of(session, owner)
        return desk.page("staff/recovery_account.html", owner=owner, stages=stages, transfers=transfers, link=link)


@policy.needs("staff", Role.EDITOR)
def revoke(account_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        owner = session.get(AccountRecovery, account_id)
        if owner is None:
            raise NotFound("There is no such account.")
        revoke_links(session, owner, desk.actor())
    return desk.done(f"{LIST}{account_id}/", REVOKED)


@policy.needs("staff", Role.EDITOR)
def close(request_id: int) -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        close_request(session, request_id, desk.actor())
    return desk.done(LIST, CLOSED)
