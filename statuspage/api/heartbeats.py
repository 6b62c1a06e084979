"""`POST /api/v1/heartbeats/<token>`: a job elsewhere says that it lives. The token in the path is its key."""

from flask import Flask, Response

from statuspage import clock
from statuspage.db import transaction
from statuspage.errors import NotFound
from statuspage.probing.actions import beat as note
from statuspage.probing.actions import hash_token
from statuspage.web import policy


def register(app: Flask) -> None:
    app.add_url_rule("/api/v1/heartbeats/<token>", "api.beat", beat, methods=["POST"])


@policy.public
def beat(token: str) -> Response:
    with transaction(quiet=True) as session:
        if not note(session, hash_token(token), clock.now()):
            raise NotFound("No heartbeat has this token.")
    return Response(status=204)
