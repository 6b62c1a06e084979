"""One act by POST: its body in its shape, done in one transaction, and once for each Idempotency-Key."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response
from sqlalchemy.orm import Session

from statuspage.api import bodies
from statuspage.api.idempotency import once
from statuspage.api.recovery import answer
from statuspage.shapes import Shape, fit
from statuspage.db import transaction
from statuspage.web.gate import parse_json

AnyShape = TypeVar("AnyShape", bound=Shape)


def act(shape: type[AnyShape], work: Callable[[Session, AnyShape], dict[str, Any]]) -> Response:
    """Read what was sent, do it, and answer with what `work` returns."""
    bodies.media_type(bodies.JSON)
    sent = fit(shape, parse_json(body := bodies.whole()))
    with transaction(quiet=True) as session:
        return once(session, body, lambda: answer(work(session, sent)))
