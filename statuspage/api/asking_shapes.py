"""The shapes of what customers are asked and ask for: choices, requests, merges."""

from typing import Annotated

from pydantic import Field

from statuspage.api.shapes import Orders, PlaceShape, Reason
from statuspage.shapes import Line, Moment, Number, Shape, Slug
from statuspage.recovery.rules.backlog import BacklogState
from statuspage.recovery.rules.choices import QUESTIONS, ChoiceKind
from statuspage.recovery.rules.merging import MOST_EXAMPLES

OPTIONS = sorted({name for question in QUESTIONS.values() for name in question.options})
Option = Annotated[str, Field(max_length=32, json_schema_extra={"enum": list(OPTIONS)})]


class ChoiceShape(PlaceShape):
    """What an account has to choose by a deadline. Without `options` all of its kind are offered."""

    kind: Annotated[ChoiceKind, Field(strict=False)]
    default: Option
    deadline: Moment
    options: Annotated[list[Option], Field(max_length=20)] | None = None


class OptionShape(Shape):
    """What was carried out."""

    option: Option
    at: Moment | None = None


class CarriedShape(OptionShape):
    """What was carried out of which choice."""

    choice: Slug


class RequestStateShape(Shape):
    """How far a request has come; `declined` needs a reason, which the customer reads."""

    state: Annotated[BacklogState, Field(strict=False)]
    reason: Reason | None = None


class ExampleShape(Shape):
    """One order that cannot simply be moved."""

    order: Line
    reason: Reason


class MergeShape(Shape):
    """What the merge of a temporary account into its original will do."""

    original: PlaceShape
    temporary: PlaceShape
    create: Orders
    merge: Orders
    conflict: Orders
    examples: Annotated[list[ExampleShape], Field(max_length=MOST_EXAMPLES, default_factory=list)]
    sequence: Number
    at: Moment


class RunShape(Shape):
    """The merge begins."""

    at: Moment | None = None
    override_reason: Reason | None = None


class ResultShape(Shape):
    """What the merge did."""

    created: Orders
    merged: Orders
    failed: Orders
    at: Moment | None = None
