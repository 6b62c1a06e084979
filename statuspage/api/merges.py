"""A temporary account into its original: its plan, its run, its result."""

from typing import Any

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api.acts import act
from statuspage.api.asking_shapes import MergeShape, ResultShape, RunShape
from statuspage.api.guard import actor
from statuspage.api.recovery import BASE, answer
from statuspage.api.shapes import PlaceShape
from statuspage.db import reading
from statuspage.errors import FieldError, Invalid, existing
from statuspage.recovery.actions.merging import end_merge, plan_merge, run_merge
from statuspage.recovery.models import AccountRecovery, Merge
from statuspage.recovery.queries.accounts import account
from statuspage.recovery.queries.merging import merge_named
from statuspage.recovery.rules.merging import Example, Plan, Result
from statuspage.tokens.rules import Scope
from statuspage.web import policy


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}/merges", "api.merges", plan, methods=["POST"])
    app.add_url_rule(f"{BASE}/merges/<merge>", "api.merge", get_merge)
    app.add_url_rule(f"{BASE}/merges/<merge>/run", "api.merge_run", run, methods=["POST"])
    app.add_url_rule(f"{BASE}/merges/<merge>/result", "api.merge_result", result, methods=["POST"])


@policy.needs("token", Scope.RECOVERY_WRITE)
def plan() -> Response:
    """Say what a merge would do; a plan with a greater sequence takes the place of the one before."""

    def work(session: Session, shape: MergeShape) -> dict[str, Any]:
        original = _account(session, "/original", shape.original)
        temporary = _account(session, "/temporary", shape.temporary)
        return _described(plan_merge(session, original, temporary, _plan(shape), actor()))

    return act(MergeShape, work)


@policy.needs("token", Scope.RECOVERY_WRITE)
def run(merge: str) -> Response:
    """Say that a merge begins; refused into a panel whose gap is still open, as it would make duplicates."""

    def work(session: Session, shape: RunShape) -> dict[str, Any]:
        now = shape.at or clock.now()
        return _described(run_merge(session, merge, shape.override_reason, actor=actor(), now=now))

    return act(RunShape, work)


@policy.needs("token", Scope.RECOVERY_WRITE)
def result(merge: str) -> Response:
    """Say what a merge did. The same again changes nothing."""

    def work(session: Session, shape: ResultShape) -> dict[str, Any]:
        told = Result(shape.created, shape.merged, shape.failed, shape.at or clock.now())
        return _described(end_merge(session, merge, told, actor()))

    return act(ResultShape, work)


@policy.needs("token", Scope.RECOVERY_READ)
def get_merge(merge: str) -> Response:
    """How far a merge is."""
    with reading() as session:
        return answer(_described(existing(merge_named(session, merge), "There is no such merge.")))


def _plan(shape: MergeShape) -> Plan:
    examples = tuple(Example(one.order, one.reason) for one in shape.examples)
    return Plan(shape.create, shape.merge, shape.conflict, examples, shape.sequence, shape.at)


def _account(session: Session, path: str, place: PlaceShape) -> AccountRecovery:
    found = account(session, place.panel, place.account)
    if found is None:
        raise Invalid("Unknown account.", (FieldError(path, "there is no such account on this panel"),))
    return found


def _described(one: Merge) -> dict[str, Any]:
    moments = {name: getattr(one, name) for name in ("planned_at", "run_at", "ended_at")}
    return {
        "merge": one.public_id,
        "state": one.state.value,
        "original": {"panel": one.original.panel.slug, "account": one.original.account},
        "temporary": {"panel": one.temporary.panel.slug, "account": one.temporary.account},
        "plan": {"create": one.to_create, "merge": one.to_merge, "conflict": one.in_conflict, "examples": one.examples},
        "result": {"created": one.created, "merged": one.merged, "failed": one.failed} if one.ended_at else None,
        **{name: at.isoformat() if at else None for name, at in moments.items()},
    }
