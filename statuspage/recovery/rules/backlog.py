"""What customers may ask for, and through which states it goes."""

from datetime import date
from enum import StrEnum

from statuspage.i18n import noop

MOST_OPEN = 3
LONGEST_NOTE = 1000
EARLIEST = date(2000, 1, 1)


class BacklogKind(StrEnum):
    """What is missing."""

    ORDERS = "orders"
    SHIPMENTS = "shipments"
    INVOICES = "invoices"


class BacklogState(StrEnum):
    """How far a request has come; `done` and `declined` end it."""

    RECEIVED = "received"
    WORKING = "working"
    DONE = "done"
    DECLINED = "declined"

    @property
    def is_open(self) -> bool:
        return self in {BacklogState.RECEIVED, BacklogState.WORKING}


KINDS = {
    BacklogKind.ORDERS: noop("Import my orders"),
    BacklogKind.SHIPMENTS: noop("Import my shipments"),
    BacklogKind.INVOICES: noop("Import my invoices and receipts"),
}
STATES = {
    BacklogState.RECEIVED: noop("received"),
    BacklogState.WORKING: noop("being worked on"),
    BacklogState.DONE: noop("taken care of"),
    BacklogState.DECLINED: noop("declined"),
}


def is_day(since: date, today: date) -> bool:
    """Whether something can be missing since this day."""
    return EARLIEST <= since <= today


def may_become(before: BacklogState, after: BacklogState) -> bool:
    """Whether a request can pass from one state into the other; one that has ended stays."""
    return before.is_open and after is not BacklogState.RECEIVED
