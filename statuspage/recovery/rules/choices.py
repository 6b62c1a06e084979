"""What a customer can be asked to choose: the options in words, what holds when, what may be carried out."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.errors import FieldError
from statuspage.i18n import noop

REMIND_BEFORE = timedelta(hours=48)
# Without those that are read as one another: 0 and O, 1 and I.
RECEIPT_SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


NOT_OPTIONS = noop("must be at least two, each once, of: %(options)s")
NOT_DEFAULT = noop("must be one of the options")
CARRIED_OUT = noop("%(option)s was carried out already")
NOT_CHOSEN = noop("nothing has been chosen yet, and the deadline has not passed")
CHOSEN_SINCE = noop("%(option)s has been chosen in the meantime: carry that out")


class ChoiceKind(StrEnum):
    """What the choice is about."""

    WAREHOUSE = "warehouse"


class ChoiceAct(StrEnum):
    """What can happen to a choice."""

    OPENED = "opened"
    CHANGED = "changed"
    CHOSEN = "chosen"
    CARRIED_OUT = "carried_out"


@dataclass(frozen=True)
class Option:
    """One answer: its name, and what it means for the customer."""

    name: str
    meaning: str


@dataclass(frozen=True)
class Question:
    """One kind of choice: the stage that waits for it, its words and its closed set of options."""

    stage: str
    title: str
    options: Mapping[str, Option]


QUESTIONS = {
    ChoiceKind.WAREHOUSE: Question(
        stage="warehouse",
        title=noop("Which state of your warehouse do you want?"),
        options={
            "keep": Option(
                noop("Keep the products as they are now"),
                noop("The products from before the outage stay hidden."),
            ),
            "go_back": Option(
                noop("Go back to the products from before the outage"),
                noop("What you have entered since then is not taken over."),
            ),
            "match_ean": Option(
                noop("Bring the earlier products up to date, matched by EAN"),
                noop("Products with the same EAN get today's stock and prices; the others stay as they were."),
            ),
            "match_sku": Option(
                noop("Bring the earlier products up to date, matched by SKU"),
                noop("Products with the same SKU get today's stock and prices; the others stay as they were."),
            ),
        },
    )
}


@dataclass(frozen=True)
class Opening:
    """A choice that an account on a panel (its slug) owes by a deadline."""

    panel: str
    account: str
    kind: ChoiceKind
    options: tuple[str, ...]
    default: str
    deadline: datetime


@dataclass(frozen=True)
class Carried:
    """A source says that an option of a choice was carried out."""

    choice: str
    option: str
    at: datetime


def contradiction(kind: ChoiceKind, options: tuple[str, ...], default: str) -> FieldError | None:
    """Why these options cannot be offered together, or None."""
    known = QUESTIONS[kind].options
    if len(options) < 2 or len(set(options)) != len(options) or not set(options) <= set(known):
        return FieldError.of("/options", NOT_OPTIONS, options=", ".join(known))
    if default not in options:
        return FieldError.of("/default", NOT_DEFAULT)
    return None


def holds(chosen: str | None, default: str, deadline: datetime, now: datetime) -> str | None:
    """What is to be carried out; None while nobody has chosen and there is still time to."""
    return chosen or (default if now >= deadline else None)


def objection(carried_out: str | None, held: str | None, option: str) -> FieldError | None:
    """Why an option cannot be acknowledged as carried out, or None. To say the same twice is no fault."""
    if carried_out is not None:
        return None if carried_out == option else FieldError.of("/option", CARRIED_OUT, option=carried_out)
    if held is None:
        return FieldError.of("/option", NOT_CHOSEN)
    return None if held == option else FieldError.of("/option", CHOSEN_SINCE, option=held)


def should_remind(chosen: str | None, deadline: datetime, now: datetime) -> bool:
    """Whether the deadline is so near that whoever has not chosen should hear of it."""
    return chosen is None and deadline - REMIND_BEFORE <= now < deadline


def new_receipt() -> str:
    """The number of a receipt, easy to read out: "K7QF-2M9X"."""
    signs = "".join(secrets.choice(RECEIPT_SIGNS) for _ in range(8))
    return f"{signs[:4]}-{signs[4:]}"
