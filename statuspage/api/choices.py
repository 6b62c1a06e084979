"""Choices: opened, read, acknowledged as carried out."""

from collections.abc import Sequence
from typing import Any

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api import cursors
from statuspage.api.acts import act
from statuspage.api.asking_shapes import CarriedShape, ChoiceShape, OptionShape
from statuspage.api.bulk import Strict, receive
from statuspage.api.guard import actor
from statuspage.api.recovery import BASE, answer
from statuspage.audit.actions import record
from statuspage.db import reading
from statuspage.errors import Conflict, FieldError, Invalid, existing
from statuspage.recovery.actions.choices import carry_out, open_choices
from statuspage.recovery.models import Choice
from statuspage.recovery.queries import progress
from statuspage.recovery.queries.choices import ChoiceFilter, choice_named, choices_after
from statuspage.recovery.rules.choices import QUESTIONS, Carried, Opening, contradiction, holds
from statuspage.recovery.rules.reports import Tally
from statuspage.shapes import fit
from statuspage.tokens.rules import Scope
from statuspage.web import policy


def register(app: Flask) -> None:
    app.add_url_rule(f"{BASE}/choices", "api.choices", get_choices)
    app.add_url_rule(f"{BASE}/choices", "api.open_choices", take_choices, methods=["POST"])
    app.add_url_rule(f"{BASE}/choices/carried-out", "api.carried", take_carried, methods=["POST"])
    app.add_url_rule(f"{BASE}/choices/<choice>", "api.choice", get_choice)
    app.add_url_rule(f"{BASE}/choices/<choice>/carried-out", "api.carry_out", carried, methods=["POST"])


class Openings(Strict[Opening]):
    """Choices that customers are asked for, as `bulk` takes them."""

    name = "choices"

    def __init__(self) -> None:
        with reading() as session:
            self.panels = progress.panel_ids(session)

    def read(self, raw: Any) -> Opening:
        shape = fit(ChoiceShape, raw)
        if shape.panel not in self.panels:
            raise Invalid("Unknown panel.", (FieldError("/panel", f"there is no panel {shape.panel}"),))
        options = tuple(QUESTIONS[shape.kind].options if shape.options is None else shape.options)
        if fault := contradiction(shape.kind, options, shape.default):
            raise Invalid("The options cannot be offered.", (fault,))
        return Opening(shape.panel, shape.account, shape.kind, options, shape.default, shape.deadline)

    def apply(self, session: Session, items: Sequence[Opening]) -> tuple[Tally, list[tuple[int, FieldError]]]:
        return open_choices(session, items, clock.now())


class CarriedOut(Strict[Carried]):
    """What was carried out, as `bulk` takes it."""

    name = "choices_carried_out"

    def read(self, raw: Any) -> Carried:
        shape = fit(CarriedShape, raw)
        return Carried(shape.choice, shape.option, shape.at or clock.now())

    def apply(self, session: Session, items: Sequence[Carried]) -> tuple[Tally, list[tuple[int, FieldError]]]:
        return carry_out(session, items, clock.now())


@policy.needs("token", Scope.RECOVERY_WRITE)
def take_choices() -> Response:
    """Ask accounts whose stage waits for a choice: one, an array, or lines. The same again changes nothing."""
    return receive(Openings())


@policy.needs("token", Scope.RECOVERY_WRITE)
def take_carried() -> Response:
    """Say which options were carried out: one, an array, or lines; in any order, any number of times."""
    return receive(CarriedOut())


@policy.needs("token", Scope.RECOVERY_WRITE)
def carried(choice: str) -> Response:
    """Say that an option was carried out. 409 where another one holds, as the customer has changed their mind."""

    def work(session: Session, shape: OptionShape) -> dict[str, Any]:
        told = Carried(_found(session, choice).public_id, shape.option, shape.at or clock.now())
        tally, refused = carry_out(session, [told], clock.now())
        if refused:
            raise Conflict(f"Nothing was marked: {refused[0][1].reason}.")
        if tally.applied:
            record(session, actor(), "choice.carried_out", f"choice:{choice}", after={"option": shape.option})
        return _described(_found(session, choice))

    return act(OptionShape, work)


@policy.needs("token", Scope.RECOVERY_READ)
def get_choices() -> Response:
    """Choices by state: `?state=settled` are those to carry out."""
    wanted, now = cursors.word("state", ChoiceFilter), clock.now()
    with reading() as session:
        return cursors.page(
            "choices", lambda after, limit: choices_after(session, wanted, after, limit, now), _described
        )


@policy.needs("token", Scope.RECOVERY_READ)
def get_choice(choice: str) -> Response:
    """One choice: what was chosen, what holds now, what was carried out."""
    with reading() as session:
        return answer(_described(_found(session, choice)))


def _found(session: Session, public_id: str) -> Choice:
    return existing(choice_named(session, public_id), "There is no such choice.")


def _described(one: Choice) -> dict[str, Any]:
    receipt = one.receipt
    return {
        "choice": one.public_id,
        "panel": one.account.panel.slug,
        "account": one.account.account,
        "kind": one.kind.value,
        "options": one.options,
        "default": one.default,
        "deadline": one.deadline.isoformat(),
        "chosen": one.chosen,
        "chosen_at": one.chosen_at.isoformat() if one.chosen_at else None,
        "receipt": receipt.number if receipt else None,
        "holds": one.carried_out or holds(one.chosen, one.default, one.deadline, clock.now()),
        "carried_out": one.carried_out,
        "carried_at": one.carried_at.isoformat() if one.carried_at else None,
    }
