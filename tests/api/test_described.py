"""Whatever a program sends, each call answers in a way that its description foresees: schemathesis tries it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode, checks
from schemathesis.openapi import format as known_format
from sqlalchemy import select

from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction
from statuspage.estimates.models import Estimate
from statuspage.faq.models import Article
from statuspage.incidents.models import IncidentUpdate
from statuspage.maintenance.models import Maintenance
from statuspage.tokens.actions import create
from statuspage.tokens.rules import Scope
from statuspage.web.site import Site
from tests import scenes
from tests.api import test_articles, test_incidents, test_maintenance, test_promises, test_updates

# The same tries each time, and nothing kept between runs: what fails here fails for everybody.
TRIES = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
BODIES: dict[str, dict[str, Any]] = {
    "POST /api/v1/incidents": test_incidents.new(),
    "POST /api/v1/incidents/{incident}/updates": test_updates.word(),
    "POST /api/v1/estimates": test_promises.promise(),
    "POST /api/v1/maintenance": test_maintenance.work(),
    "POST /api/v1/maintenance/{maintenance}/updates": {"phase": "completed", "body": {"pl": "Gotowe."}},
    "POST /api/v1/articles": test_articles.guide(),
}
DAYS = st.datetimes(datetime(2021, 3, 15), datetime(2021, 3, 29))  # noqa: DTZ001  # the offset is put behind it
known_format("date-time", DAYS.map(lambda at: f"{at.isoformat(timespec='seconds')}+01:00"))


@pytest.fixture
def token(scene: Site) -> str:
    """A token that may do all there is."""
    with transaction() as session:
        scopes = [one.value for one in Scope]
        return create(session, name="all", scopes=scopes, expires_at=None, actor=SYSTEM)


@pytest.fixture
def there(token: str) -> dict[str, Any]:
    """What addresses can name, so that not all tries end in 404."""
    with transaction() as session:
        return {
            "panel": "panel-c",
            "incident": scenes.FIRE,
            "update": str(session.scalars(select(IncidentUpdate.uuid)).first()),
            "estimate": str(session.scalars(select(Estimate.uuid).where(Estimate.closed_at.is_(None))).first()),
            "maintenance": session.scalars(select(Maintenance.public_id)).first(),
            "article": session.scalars(select(Article.slug)).first(),
        }


def operations(app: Flask) -> Iterator[Any]:
    for found in schemathesis.openapi.from_wsgi("/api/openapi.json", app).get_all_operations():
        yield found.ok()


def aimed(case: Case, there: dict[str, Any], kept: list[int]) -> None:
    """Send a try to what is there; of a body that is right as a whole, only some fields are what was made up."""
    case.path_parameters.update({name: there[name] for name in case.path_parameters if name in there})
    right = BODIES.get(case.operation.label)
    if right and isinstance(case.body, dict):
        names = sorted(case.body)
        made_up = {names[place % len(names)] for place in kept} if names else set()
        case.body = {**right, **{name: case.body[name] for name in made_up}}


def tried(operation: Any, token: str, there: dict[str, Any]) -> set[int]:
    """The statuses with which a call answers what it is sent; fails at the first that is not described."""
    answered = set()

    @TRIES
    @given(
        case=st.one_of(operation.as_strategy(generation_mode=mode) for mode in GenerationMode),
        aim=st.booleans(),
        kept=st.lists(st.integers(0, 20), max_size=2),
    )
    def attempt(case: Case, aim: bool, kept: list[int]) -> None:
        if aim:
            aimed(case, there, kept)
        answer = case.call(headers={"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"})
        answered.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    attempt()
    return answered


def test_every_answer_is_one_that_is_described(app: Flask, token: str, there: dict[str, Any]) -> None:
    statuses = {one.label: tried(one, token, there) for one in operations(app)}
    # Tries that never get past the door would find nothing.
    assert [label for label in BODIES if not statuses[label] & {200, 201}] == []
