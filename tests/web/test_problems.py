"""Domain errors become HTTP once: a problem document for programs, a page for people, never a trace."""

import json

import pytest
from flask import Flask
from flask.testing import FlaskClient

from statuspage import errors
from statuspage.errors import FieldError
from statuspage.web import policy
from statuspage.web.problems import STATUS

MADE = {
    errors.NotFound: 404,
    errors.RuleBroken: 422,
    errors.Conflict: 409,
    errors.Forbidden: 403,
    errors.Unauthorised: 401,
    errors.Invalid: 422,
    errors.Unavailable: 503,
}


def raising(app: Flask, error: Exception) -> None:
    @policy.public
    def view() -> str:
        raise error

    for place in ("/api/broken", "/broken"):
        app.add_url_rule(place, place, view)


@pytest.mark.parametrize(("kind", "status"), MADE.items(), ids=lambda one: getattr(one, "__name__", str(one)))
def test_each_error_of_the_domain_has_its_status(
    app: Flask, client: FlaskClient, kind: type[errors.DomainError], status: int
) -> None:
    raising(app, kind("Do this next."))
    answer = client.get("/api/broken")
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert answer.json is not None
    assert (answer.json["status"], answer.json["detail"]) == (status, "Do this next.")
    assert ("Retry-After" in answer.headers) == (status == 503)
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    page = client.get("/broken")
    assert (page.status_code, page.mimetype) == (status, "text/html")


def test_no_error_of_the_domain_is_without_a_status() -> None:
    kinds = errors.DomainError.__subclasses__()
    assert set(STATUS) == {*kinds, *(finer for kind in kinds for finer in kind.__subclasses__())}


def test_each_refused_field_is_named(app: Flask, client: FlaskClient) -> None:
    raising(app, errors.Invalid("Wrong.", (FieldError("/0/done", "is more than total"),)))
    answer = client.get("/api/broken")
    assert json.loads(answer.data)["errors"] == [{"path": "/0/done", "reason": "is more than total"}]


def test_a_bug_is_a_500_that_tells_nothing(app: Flask, client: FlaskClient) -> None:
    raising(app, KeyError("the secret inside"))
    for place in ("/api/broken", "/broken"):
        answer = client.get(place)
        assert answer.status_code == 500
        assert b"secret" not in answer.data
        assert b"Traceback" not in answer.data


def test_errors_are_never_cached(app: Flask, client: FlaskClient) -> None:
    raising(app, errors.NotFound("Gone."))
    assert client.get("/broken").headers["Cache-Control"] == "no-store"


def test_words_of_a_caller_are_inert_in_the_page(app: Flask, client: FlaskClient) -> None:
    raising(app, errors.RuleBroken("<script>alert(1)</script>"))
    assert b"<script>alert" not in client.get("/broken").data


def test_a_view_without_a_policy_is_never_reached(app: Flask, client: FlaskClient) -> None:
    app.add_url_rule("/api/open", "open", lambda: "secret")
    app.add_url_rule("/api/odd", "odd", policy.needs("nobody")(lambda: "secret"))
    for place in ("/api/open", "/api/odd"):
        answer = client.get(place)
        assert answer.status_code == 403
        assert b"secret" not in answer.data


def test_an_unknown_address_of_the_api_is_a_problem_document(client: FlaskClient) -> None:
    answer = client.get("/api/v1/nothing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
