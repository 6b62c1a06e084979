"""What customers have asked for: read, and moved on from state to state."""

from typing import Any

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api import cursors
from statuspage.api.acts import act
from statuspage.api.asking_shapes import RequestStateShape
from statuspage.api.guard import actor
from statuspage.api.recovery import BASE, answer
from statuspage.db import reading
from statuspage.errors import existing
from statuspage.recovery.actions.backlog import set_state
from statuspage.recovery.models import BacklogRequest
from statuspage.recovery.queries.backlog import request_named, requests_after
from statuspage.recovery.rules.backlog import BacklogState
from statuspage.tokens.rules import Scope
from statuspage.web import policy


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}/requests", "api.requests", get_requests)
    app.add_url_rule(f"{BASE}/requests/<wish>", "api.request", get_request)
    app.add_url_rule(f"{BASE}/requests/<wish>/state", "api.request_state", post_state, methods=["POST"])


@policy.needs("token", Scope.RECOVERY_READ)
def get_requests() -> Response:
    """Requests of customers, the oldest first; `?state=received` are those nobody has begun."""
    state = cursors.word("state", BacklogState)
    with reading() as session:
        return cursors.page("requests", lambda after, limit: requests_after(session, state, after, limit), _described)


@policy.needs("token", Scope.RECOVERY_READ)
def get_request(wish: str) -> Response:
    """One request of a customer."""
    with reading() as session:
        return answer(_described(existing(request_named(session, wish), "There is no such request.")))


@policy.needs("token", Scope.RECOVERY_WRITE)
def post_state(wish: str) -> Response:
    """Say how far a request is. The same again changes nothing; one that has ended stays so (409)."""

    def work(session: Session, shape: RequestStateShape) -> dict[str, Any]:
        return _described(set_state(session, wish, shape.state, shape.reason, actor=actor(), now=clock.now()))

    return act(RequestStateShape, work)


def _described(one: BacklogRequest) -> dict[str, Any]:
    return {
        "request": one.public_id,
        "panel": one.account.panel.slug,
        "account": one.account.account,
        "kind": one.kind.value,
        "since": one.since.isoformat(),
        "note": one.note,
        "state": one.state.value,
        "reason": one.reason,
        "asked_at": one.asked_at.isoformat(),
        "changed_at": one.changed_at.isoformat(),
    }
