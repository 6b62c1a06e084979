"""The shapes of bodies: strict, closed, and the source of the API's description."""

from typing import Annotated

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field

from statuspage.recovery.rules.forwarding import TransferKind
from statuspage.shapes import (
    Line,
    Moment,
    Number,
    ReportShape,
    Shape,
    Slug,
    fit,
    one_line,
)

__all__ = [
    "AccountShape",
    "Line",
    "Moment",
    "Number",
    "PanelShape",
    "PlaceShape",
    "ReportShape",
    "Shape",
    "SizeShape",
    "Slug",
    "TransferReportShape",
    "TransferShape",
    "fit",
]
MOST_ORDERS = 10**12


def _address(words: str) -> str:
    try:
        return validate_email(words, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("must be one e-mail address") from None


Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(one_line)]
Address = Annotated[str, Field(max_length=254), AfterValidator(one_line), AfterValidator(_address)]
Orders = Annotated[int, Field(ge=0, le=MOST_ORDERS)]


class SizeShape(Shape):
    """How many accounts a panel has."""

    size: Annotated[int, Field(ge=0, le=1_000_000_000)]


class PanelShape(Shape):
    """One panel."""

    panel: Slug


class PlaceShape(PanelShape):
    """One account on one panel."""

    account: Line


class AccountShape(Shape):
    """What is known of an account. A key that is left out stays as it is; null takes it away."""

    login: Line | None = None
    contact: Address | None = None
    temporary: PlaceShape | None = None


class TransferShape(Shape):
    """Orders that will move into `panel`."""

    kind: Annotated[TransferKind, Field(strict=False)]
    panel: Slug
    total: Orders
    at: Moment | None = None
    account: Line | None = None
    from_panel: Slug | None = None
    from_account: Line | None = None
    override_reason: Reason | None = None


class TransferReportShape(Shape):
    """How far a transfer has come."""

    transfer: Slug
    created: Orders
    merged: Orders
    failed: Orders
    waiting: Orders
    sequence: Number
    at: Moment
