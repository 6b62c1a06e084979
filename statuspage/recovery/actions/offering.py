"""People ask customers to choose, change what was asked, and say that it was carried out: each act on record."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, FieldError, Invalid, existing
from statuspage.i18n import noop
from statuspage.panels.models import Panel
from statuspage.recovery.actions.choices import LIES_AHEAD, carry_out, open_choices
from statuspage.recovery.models import Choice
from statuspage.recovery.queries.choices import choice_named, unasked
from statuspage.recovery.rules.choices import Carried, ChoiceKind, Opening, contradiction

# So few that a transaction stays short; who has more to ask asks again.
MOST_AT_ONCE = 500
NO_SUCH_CHOICE = noop("There is no such choice.")
CARRIED_OUT = noop("It was carried out already, so nothing of it can be changed any more.")
LOOK = noop("Nothing was saved. Please look at the fields below.")


@dataclass(frozen=True)
class Terms:
    """What is offered: the options, which of them holds for who says nothing, and until when."""

    options: tuple[str, ...]
    default: str
    deadline: datetime

    def check(self, kind: ChoiceKind, now: datetime) -> None:
        """Raises `Invalid` at the field that is wrong."""
        fault = contradiction(kind, self.options, self.default)
        if fault is None and self.deadline <= now:
            fault = FieldError.of("/deadline", LIES_AHEAD)
        if fault:
            raise Invalid(LOOK, (fault,))

    def noted(self) -> dict[str, object]:
        return {"options": [*self.options], "default": self.default, "deadline": self.deadline.isoformat()}


def offer(session: Session, panel: Panel, kind: ChoiceKind, terms: Terms, now: datetime, actor: Actor) -> int:
    """Ask the next accounts of a panel that wait for this choice and were not asked yet; returns how many."""
    terms.check(kind, now)
    names = unasked(session, panel.id, kind, MOST_AT_ONCE)
    openings = [Opening(panel.slug, name, kind, terms.options, terms.default, terms.deadline) for name in names]
    asked = open_choices(session, openings, now)[0].applied if openings else 0
    if asked:
        record(session, actor, "choice.offer", f"panel:{panel.slug}", after={**terms.noted(), "asked": asked})
    return asked


def change(session: Session, public_id: str, terms: Terms, now: datetime, actor: Actor) -> None:
    """Give one customer other options, another default or another deadline."""
    one = existing(choice_named(session, public_id), NO_SUCH_CHOICE)
    if one.carried_at is not None:
        raise Conflict(CARRIED_OUT)
    terms.check(one.kind, now)
    before = _terms_of(one).noted()
    account = one.account
    opening = Opening(account.panel.slug, account.account, one.kind, terms.options, terms.default, terms.deadline)
    tally, refused = open_choices(session, [opening], now)
    if refused:
        raise Invalid(LOOK, (refused[0][1],))
    if tally.applied:
        record(session, actor, "choice.change", f"choice:{public_id}", before=before, after=terms.noted())


def acknowledge(session: Session, public_id: str, option: str, now: datetime, actor: Actor) -> None:
    """Say that an option was carried out; the one that holds, or nothing is marked."""
    tally, refused = carry_out(session, [Carried(public_id, option, now)], now)
    if refused:
        raise Invalid(LOOK, (refused[0][1],))
    if tally.applied:
        record(session, actor, "choice.carried_out", f"choice:{public_id}", after={"option": option})


def _terms_of(one: Choice) -> Terms:
    return Terms(tuple(one.options), one.default, one.deadline)
