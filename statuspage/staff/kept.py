"""What was typed into this form before and not sent: taken up again, offered, and settled once it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.accounts.queries import names
from statuspage.db import reading
from statuspage.staff import desk
from statuspage.unsent import actions, queries
from statuspage.unsent.models import Unsent
from statuspage.unsent.rules import Fields, Sheet


@dataclass(frozen=True)
class Offers:
    """One's own texts for this form, and who else is writing into it: the address, and when they typed last."""

    mine: Sequence[Unsent]
    others: Sequence[tuple[str, datetime]]


def sheet(form_key: str, place: str | None = None) -> Sheet:
    """The form that this request is about."""
    return Sheet(desk.me().staff_id, request.path if place is None else place, form_key)


def taken_up() -> Fields | None:
    """The words that the address of the page asks to go on with (`?unsent=`)."""
    wished = _uuid(request.args.get("unsent", ""))
    if wished is None:
        return None
    with reading() as session:
        found = queries.one(session, desk.me().staff_id, wished)
        return [(name, words) for name, words in found.fields] if found and found.place == request.path else None


def offers(form_key: str) -> Offers:
    """What there is for this form besides what it shows."""
    now = clock.now()
    with reading() as session:
        mine = [one for one in queries.of(session, desk.me().staff_id, request.path) if one.form_key != form_key]
        typed = queries.others_at(session, desk.me().staff_id, request.path, now)
        who = names(session, set(typed))
    return Offers(mine, [(who[staff_id], at) for staff_id, at in typed.items() if staff_id in who])


def settle(session: Session, form_key: str) -> None:
    """The form is sent."""
    actions.sent(session, sheet(form_key), clock.now())


def _uuid(words: str) -> UUID | None:
    try:
        return UUID(words)
    except ValueError:
        return None
