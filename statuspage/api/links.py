"""Links to many accounts' pages, a thousand at a time."""

import hashlib
import secrets
from collections import defaultdict
from typing import Any

from flask import Flask, Response
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from statuspage.api import bodies
from statuspage.api.guard import actor
from statuspage.api.idempotency import once
from statuspage.api.recovery import BASE, answer
from statuspage.api.shapes import PlaceShape
from statuspage.shapes import fit
from statuspage.db import transaction
from statuspage.errors import FieldError, Invalid
from statuspage.recovery.actions.links import derived, mint_links
from statuspage.recovery.queries.accounts import accounts_by_name
from statuspage.recovery.queries.progress import panel_ids
from statuspage.tokens.rules import Scope
from statuspage.web import policy
from statuspage.web.gate import parse_json
from statuspage.web.site import site

MOST = 1_000


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}/links", "api.links", post_links, methods=["POST"])


@policy.needs("token", Scope.RECOVERY_WRITE)
def post_links() -> Response:
    """Make a link for each account named. What is kept of the answer for its repetition holds no link."""
    bodies.media_type(bodies.JSON)
    places = _places(parse_json(body := bodies.whole()))
    with transaction(quiet=True) as session:
        kept = once(session, body, lambda: _mint(session, places, hashlib.sha256(body).hexdigest()))
    return _shown(kept, places) if kept.status_code == 201 else kept


def _places(raw: Any) -> list[PlaceShape]:
    if not isinstance(raw, list):
        raise Invalid("Send a list.", (FieldError("", 'a list of {"panel": …, "account": …}'),))
    if len(raw) > MOST:
        raise RequestEntityTooLarge(f"At most {MOST} links at a time.")
    places, faults = [], []
    for number, one in enumerate(raw):
        try:
            places.append(fit(PlaceShape, one))
        except Invalid as error:
            faults += [FieldError(f"/{number}{field.path}", field.reason) for field in error.fields]
    if faults:
        raise Invalid("Some places are wrong. No link was made.", tuple(faults[:100]))
    return places


def _mint(session: Session, places: list[PlaceShape], digest: str) -> Response:
    nonce, ids = secrets.token_urlsafe(24), _ids(session, places)
    known = [(number, ids.get((one.panel, one.account))) for number, one in enumerate(places)]
    tokens = [(found, derived(site().settings.secret, nonce, number)) for number, found in known if found is not None]
    mint_links(session, tokens, digest, actor())
    return answer({"nonce": nonce, "unknown": [number for number, found in known if found is None]}, 201)


def _ids(session: Session, places: list[PlaceShape]) -> dict[tuple[str, str], int]:
    names: defaultdict[str, set[str]] = defaultdict(set)
    for one in places:
        names[one.panel].add(one.account)
    panels = panel_ids(session)
    return {
        (panel, name): found
        for panel, mine in names.items()
        if panel in panels
        for name, found in accounts_by_name(session, panels[panel], mine).items()
    }


def _shown(kept: Response, places: list[PlaceShape]) -> Response:
    """The answer for the caller's eyes: the links, made from the nonce that was kept."""
    plan: dict[str, Any] = kept.get_json()
    unknown, base, secret = set(plan["unknown"]), site().settings.base_url, site().settings.secret
    links = [
        {**dict(one), "link": f"{base}/recovery/a/{derived(secret, plan['nonce'], number)}/"}
        for number, one in enumerate(places)
        if number not in unknown
    ]
    errors = [
        {"line": number + 1, "path": f"/{number}", "reason": "there is no such account on this panel"}
        for number in plan["unknown"]
    ]
    response = answer({"links": links, "errors": errors}, 201)
    if replayed := kept.headers.get("Idempotent-Replayed"):
        response.headers["Idempotent-Replayed"] = replayed
    return response
