"""The recovery API: reports, sizes, accounts and their links."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response, json
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api import bodies, plain
from statuspage.api.bulk import receive
from statuspage.api.guard import actor
from statuspage.api.shapes import AccountShape, PanelShape, PlaceShape, SizeShape
from statuspage.db import reading, transaction
from statuspage.errors import FieldError, existing
from statuspage.recovery.actions import accounts, reports
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries import progress
from statuspage.recovery.queries.accounts import account as known_account
from statuspage.recovery.queries.accounts import stages_of, temporaries_of
from statuspage.recovery.rules.links import login_key
from statuspage.recovery.rules.reports import Report, Tally, contradiction
from statuspage.shapes import fit, read_report
from statuspage.tokens.rules import Scope
from statuspage.web import policy
from statuspage.web.site import site

BASE = "/api/v1/recovery"


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}/reports", "api.reports", take_reports, methods=["POST"])
    app.add_url_rule(f"{BASE}/panels/<panel>/size", "api.size", put_size, methods=["PUT"])
    place = f"{BASE}/panels/<panel>/accounts/<account>"
    app.add_url_rule(place, "api.account", get_account)
    app.add_url_rule(place, "api.put_account", put_account, methods=["PUT"])
    app.add_url_rule(f"{place}/link", "api.link", post_link, methods=["POST"])


class Reports:
    """Reports of restoration, as `bulk` takes them."""

    name = "reports"

    def __init__(self) -> None:
        with reading() as session:
            self.panels = progress.panel_ids(session)

    def plain(self, line: bytes) -> Report | None:
        found = plain.report(line, self.panels)
        return found if found and contradiction(found) is None else None

    def read(self, raw: Any) -> Report:
        return read_report(raw, self.panels)

    def apply(self, session: Session, items: Sequence[Report]) -> tuple[Tally, list[tuple[int, FieldError]]]:
        return reports.apply(session, self.panels, items, clock.now()), []


@policy.needs("token", Scope.RECOVERY_WRITE)
def take_reports() -> Response:
    """Take one report, an array of up to 1,000, or up to 1,000,000 lines."""
    return receive(Reports())


@policy.needs("token", Scope.RECOVERY_WRITE)
def put_size(panel: str) -> Response:
    """Say how many accounts a panel has."""
    shape = fit(SizeShape, bodies.document())
    with transaction() as session:
        named, reason = fit(PanelShape, {"panel": panel}).panel, shape.reason.texts if shape.reason else None
        accounts.state_size(session, named, shape.size, actor=actor(), at=clock.now(), reason=reason)
    return answer({"panel": panel, "size": shape.size})


@policy.needs("token", Scope.RECOVERY_READ)
def get_account(panel: str, account: str) -> Response:
    """Where every stage of one account stands."""
    with reading() as session:
        return answer(_described(session, _found(session, panel, account)))


@policy.needs("token", Scope.RECOVERY_WRITE)
def put_account(panel: str, account: str) -> Response:
    """Keep an account's login (hashed), contact, or its temporary account."""
    place = fit(PlaceShape, {"panel": panel, "account": account})
    shape = fit(AccountShape, bodies.document())
    with transaction() as session:
        owner = accounts.open_account(session, place.panel, place.account)
        accounts.describe_account(session, owner, _changes(shape), actor())
        if shape.temporary:
            temporary = accounts.open_account(session, shape.temporary.panel, shape.temporary.account)
            accounts.link_temporary(session, owner, temporary, actor())
        session.flush()
        return answer(_described(session, owner))


@policy.needs("token", Scope.RECOVERY_WRITE)
def post_link(panel: str, account: str) -> Response:
    """A new link to the account's page, shown this once; it takes no Idempotency-Key, as answers are kept."""
    with transaction(quiet=True) as session:
        token = accounts.mint_link(session, _found(session, panel, account), actor())
    return answer({"link": f"{site().settings.base_url}/recovery/a/{token}/"}, 201)


def answer(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, mimetype=bodies.JSON)


def _found(session: Session, panel: str, account: str) -> AccountRecovery:
    place = fit(PlaceShape, {"panel": panel, "account": account})
    return existing(known_account(session, place.panel, place.account), "There is no such account on this panel.")


def _changes(shape: AccountShape) -> dict[str, bytes | str | None]:
    changes: dict[str, bytes | str | None] = {}
    if "login" in shape.model_fields_set:
        changes["login_hash"] = login_key(site().settings.secret, shape.login) if shape.login else None
    if "contact" in shape.model_fields_set:
        changes["contact"] = shape.contact
    return changes


def _described(session: Session, owner: AccountRecovery) -> dict[str, Any]:
    stages = [
        {
            "stage": one.stage,
            "state": one.state.value,
            "done": one.done,
            "total": one.total,
            "sequence": one.sequence,
            "at": one.at.isoformat(),
        }
        for one in stages_of(session, owner.id)
    ]
    temporary = [{"panel": one.panel.slug, "account": one.account} for one in temporaries_of(session, owner.id)]
    return {
        "panel": owner.panel.slug,
        "account": owner.account,
        "has_login": owner.login_hash is not None,
        "has_contact": owner.contact is not None,
        "temporary": temporary,
        "stages": stages,
    }
