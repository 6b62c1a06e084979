"""Every call of the API is described, and opens to its own scope alone."""

import re
from collections.abc import Iterator
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from openapi_spec_validator import validate

from statuspage.api.calls import OPERATIONS
from statuspage.api.description import openapi
from statuspage.api.reference import kind
from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.tokens.actions import create
from statuspage.tokens.rules import Scope
from statuspage.web import policy


def doors(app: Flask) -> Iterator[tuple[str, str, Scope]]:
    """(method, address as the description has it, scope) of every call that needs a token."""
    for rule in app.url_map.iter_rules():
        declared = policy.of(app, rule.endpoint)
        if declared is not None and declared.kind == "token":
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), declared.need


def test_every_call_is_described_with_its_scope(app: Flask) -> None:
    # A probe's and a wish's address name their variable otherwise than the view does.
    described = {(one.method.upper(), re.sub(r"{\w+}", "{}", one.path), one.scope) for one in OPERATIONS if one.scope}
    assert {(method, re.sub(r"{\w+}", "{}", path), scope) for method, path, scope in doors(app)} == described


def test_a_call_opens_to_its_own_scope_alone(app: Flask, client: FlaskClient) -> None:
    with transaction() as session:
        tokens = {
            one: create(
                session, name=one, scopes=[other for other in Scope if other != one], expires_at=None, actor=SYSTEM
            )
            for one in Scope
        }
    for method, path, scope in doors(app):
        address = re.sub(r"{\w+}", "1", re.sub(r"{(?:update|estimate)}", str(UUID(int=1)), path))
        assert client.open(address, method=method).status_code == 401, (method, path)
        others = {"Authorization": f"Bearer {tokens[scope]}"}
        answer = client.open(address, method=method, headers=others)
        assert (answer.status_code, scope in answer.text) == (403, True), (method, path)


def test_the_description_is_valid_and_names_each_answer() -> None:
    found = openapi("https://status.example.com")
    validate(found)
    update = found["paths"]["/api/v1/incidents/{incident}/updates"]["post"]
    assert [one["name"] for one in update["parameters"]] == ["incident", "If-Match", "Idempotency-Key"]
    assert update["responses"]["201"]["content"]["application/json"]["schema"]["$ref"].endswith("/UpdateAnswer")
    ids = [one["operationId"] for path in found["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))


def test_kinds_of_fields_are_told_without_words() -> None:
    schemas = openapi("https://status.example.com")["components"]["schemas"]
    told = {name: kind(one, schemas) for name, one in schemas["NewUpdateShape"]["properties"].items()}
    assert told["body"] == "{source, pl, en}"
    assert told["components"] == "{…: {status, note}}"
    assert told["publish_at"] == "date-time | null"
    assert kind(schemas["ClosingShape"]["properties"]["closing"], schemas) == '"met" | "missed" | "withdrawn"'
    assert kind(schemas["NewWorkShape"]["properties"]["components"], schemas) == "[string]"
