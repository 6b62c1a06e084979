"""Domain errors become HTTP once: problem+json (RFC 9457) for the API, a page for people."""

from collections.abc import Callable

import structlog
from flask import Flask, Response, json, request
from werkzeug.exceptions import HTTPException

from statuspage import errors
from statuspage.i18n import noop
from statuspage.web.limits import wait_seconds
from statuspage.web.logging import SECRET_PATHS

log = structlog.get_logger()
STATUS: dict[type[errors.DomainError], int] = {
    errors.NotFound: 404,
    errors.RuleBroken: 422,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.Unauthorised: 401,
    errors.Invalid: 422,
    errors.Malformed: 400,
    errors.Unavailable: 503,
}
TITLES = {
    400: "Bad request",
    401: "Unauthorised",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Request timeout",
    409: "Conflict",
    412: "Precondition failed",
    413: "Content too large",
    415: "Unsupported media type",
    422: "Unprocessable content",
    429: "Too many requests",
    500: "Internal error",
    503: "Unavailable",
}
TOO_OFTEN = noop("Too many tries in a short time. Nothing was done; please wait a minute and try again.")
ErrorPage = Callable[[int, str], str]


def problem(
    status: int, detail: str, fields: tuple[errors.FieldError, ...] = (), more: dict[str, object] | None = None
) -> Response:
    """A problem document; each refused field with its path; `more` are members of its own."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "detail": detail,
        **(more or {}),
    }
    if fields:
        body["errors"] = [{"path": field.path, "reason": field.reason} for field in fields]
    # What is left of a body that was given up must not be taken for the next request.
    headers = {"Connection": "close"} if status == 408 else None
    return Response(json.dumps(body), status, headers, mimetype="application/problem+json")


def masked(path: str) -> str:
    """A path as it may stand in a log: keys that are part of an address are left out."""
    return SECRET_PATHS.sub(r"\1…", path)


def install(app: Flask, error_page: ErrorPage) -> None:
    """Handle every error of the app: `error_page(status, message)` renders those for people."""

    def answer(status: int, message: str, fields: tuple[errors.FieldError, ...] = ()) -> Response:
        if request.path.startswith("/api/"):
            return problem(status, message, fields)
        return Response(error_page(status, message), status, mimetype="text/html")

    def domain(error: errors.DomainError) -> Response:
        fields = error.fields if isinstance(error, errors.Invalid) else ()
        response = answer(STATUS[type(error)], error.message, fields)
        if isinstance(error, errors.Unavailable):
            response.headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, errors.Unauthorised):
            response.headers["WWW-Authenticate"] = "Bearer"
        return response

    def too_many(error: HTTPException) -> Response:
        response = answer(429, TOO_OFTEN)
        response.headers["Retry-After"] = str(wait_seconds())
        return response

    def http(error: HTTPException) -> Response:
        code = error.code or 500
        if code < 400:
            return Response(error.get_response().get_data(), code, headers=dict(error.get_headers()))
        response = answer(code, error.description or "")
        response.headers.extend([pair for pair in error.get_headers() if not pair[0].startswith("Content-")])
        return response

    def unforeseen(error: Exception) -> Response:
        log.error("request.failed", path=masked(request.path), exc_info=error)
        return answer(500, "Something broke on our side. It was recorded; please try again.")

    app.register_error_handler(errors.DomainError, domain)
    app.register_error_handler(HTTPException, http)
    app.register_error_handler(429, too_many)
    app.register_error_handler(Exception, unforeseen)
