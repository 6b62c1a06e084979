"""The same key and body get the same answer again; another body under the key is refused."""

import hashlib
from collections.abc import Callable

from flask import Response, request
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api.guard import caller
from statuspage.errors import FieldError, Invalid, RuleBroken
from statuspage.tokens.actions import keep_answer
from statuspage.tokens.models import StoredAnswer
from statuspage.tokens.queries import stored_answer
from statuspage.tokens.rules import is_key

PROBLEM = "application/problem+json"


def once(session: Session, body: bytes, work: Callable[[], Response]) -> Response:
    """Do the work unless this key was answered before; the answer is kept in the same transaction."""
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return work()
    if not is_key(key):
        raise Invalid("The Idempotency-Key is wrong.", (FieldError("", "1 to 255 visible ASCII characters"),))
    route, digest, now = f"{request.method} {request.path}", _digest(body), clock.wall()
    kept = stored_answer(session, caller().token_id, route, key, now)
    if kept is None:
        response = work()
        keep_answer(session, _answer(route, key, digest, response))
        return response
    if kept.body_hash != digest:
        raise RuleBroken("This Idempotency-Key came with another body before: use a new key for a new request.")
    mimetype = "application/json" if kept.status < 400 else PROBLEM
    return Response(kept.body, kept.status, {"Idempotent-Replayed": "true"}, mimetype=mimetype)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(request.query_string + b"\0" + body).digest()


def _answer(route: str, key: str, digest: bytes, response: Response) -> StoredAnswer:
    return StoredAnswer(
        token_id=caller().token_id,
        route=route,
        key=key,
        body_hash=digest,
        status=response.status_code,
        body=response.get_data(as_text=True),
        at=clock.wall(),
    )
