"""What calls that write share: a body in its shape, one transaction, once for each key, never over unseen changes."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Response, request
from pydantic import BaseModel
from sqlalchemy.orm import Session
from werkzeug.exceptions import PreconditionFailed

from statuspage.api import bodies
from statuspage.api.idempotency import once
from statuspage.db import CHANGED, same_version, transaction
from statuspage.shapes import Shape, fit
from statuspage.web.gate import parse_json

AnyShape = TypeVar("AnyShape", bound=Shape)
Work = Callable[[Session, AnyShape], BaseModel]


def shown(told: BaseModel, status: int = 200) -> Response:
    """An answer with the ETag of its words; 304 to who has them."""
    response = Response(told.model_dump_json(), status, mimetype=bodies.JSON)
    response.add_etag()
    if request.method in ("GET", "HEAD"):
        response.make_conditional(request)
    return response


def post(shape: type[AnyShape], work: Work[AnyShape], status: int = 200) -> Response:
    """Do one thing by POST, once for each Idempotency-Key. What was made (201) is told with its address."""
    body = bodies.whole()
    sent = fit(shape, _document(body))
    with transaction() as session:
        response = once(session, body, lambda: shown(work(session, sent), status))
    if response.status_code == 201:
        response.headers["Location"] = f"{request.path}/{response.get_json()['id']}"
    response.add_etag()  # an answer that was kept has none yet
    return response


def change(shape: type[AnyShape], work: Work[AnyShape]) -> Response:
    """Change what is there, by PATCH or PUT; both say by themselves what the end is, so they take no key."""
    sent = fit(shape, bodies.document())
    with transaction() as session:
        return shown(work(session, sent))


def seen(told: BaseModel, version: int, wanted: int | None) -> int | None:
    """The version that the writer has seen, as `version` or `If-Match` say; None where neither stands.

    `told` is what a GET would answer now. Raises `Conflict`, or answers 412, where it is not what they have seen.
    """
    same_version(version, wanted)
    return version if same_tag(told) else wanted


def same_tag(told: BaseModel) -> bool:
    """Whether `If-Match` stands, and holds. Answers 412 where `told`, what a GET would answer now, is not in it."""
    matches = request.if_match
    if matches and not matches.contains(str(shown(told).get_etag()[0])):
        raise PreconditionFailed(f"{CHANGED} Read it again, compare, and send again.")
    return bool(matches)


def _document(body: bytes) -> Any:
    """The body; an act that needs no words may come without."""
    if not body and not request.mimetype:
        return {}
    bodies.media_type(bodies.JSON)
    return parse_json(body)
