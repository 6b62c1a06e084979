"""Who calls: the token of this request, checked against the scope that the view asks for."""

from contextlib import suppress

from flask import request

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.db import reading, transaction
from statuspage.errors import Unavailable
from statuspage.tokens.actions import authenticate, note_use
from statuspage.tokens.rules import Bearer

SLOT = "statuspage.token"
NOTE_PATIENCE = 0.2


def guard(need: str) -> None:
    """Let a live token with the scope `need` through; keeps it with the request."""
    now = clock.wall()
    with reading() as session:
        token = authenticate(session, request.headers.get("Authorization"), need, now)
    if token.should_note_use(now):
        # What can be read is read while the database takes no writes; the next request notes the use.
        with suppress(Unavailable), transaction(quiet=True, patience=NOTE_PATIENCE) as session:
            note_use(session, token, now)
    request.environ[SLOT] = token


def caller() -> Bearer:
    """The token of this request; only in views behind the guard."""
    token: Bearer = request.environ[SLOT]
    return token


def actor() -> Actor:
    """The caller as the audit log names it."""
    return Actor(f"token:{caller().prefix}", request.remote_addr)
