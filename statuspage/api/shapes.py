"""The shapes of bodies: strict, closed, and the source of the API's description."""

from typing import Annotated, Literal, Self

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, Field, model_validator

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
from statuspage.texts.rules import Texts, texts

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
MOST_COMPONENTS = 1000


def _address(words: str) -> str:
    try:
        return validate_email(words, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("must be one e-mail address") from None


Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(one_line)]
Address = Annotated[str, Field(max_length=254), AfterValidator(one_line), AfterValidator(_address)]
ComponentId = Annotated[str, Field(max_length=129, pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$")]
IncidentId = Annotated[str, Field(max_length=32, pattern=r"^[a-z0-9]+$")]
Orders = Annotated[int, Field(ge=0, le=MOST_ORDERS)]


class VersionShape(Shape):
    """What a change was made from: the `version` that was read. Without it nobody is asked what they had read."""

    version: Number | None = None


class WordsShape(Shape):
    """A text in our languages; `source` is the one that it was written in."""

    pl: Reason | None = None
    en: Reason | None = None
    source: Literal["pl", "en"] = "pl"

    @model_validator(mode="after")
    def _has_its_source(self) -> Self:
        if not getattr(self, self.source):
            raise ValueError("needs the text in its source language; name another one as source if it has none")
        return self

    @property
    def texts(self) -> Texts:
        return texts({"pl": self.pl or "", "en": self.en or ""}, self.source)


class SizeShape(Shape):
    """How many accounts a panel has, and for readers why that changed: `{"pl": …, "en": …, "source": "pl"}`."""

    size: Annotated[int, Field(ge=0, le=1_000_000_000)]
    reason: WordsShape | None = None


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


class ConfirmShape(Shape):
    """The `allowance` (1, then 10) whose orders were looked at. With `override_reason` all may move at once."""

    allowance: Annotated[int, Field(ge=1, le=10)]
    override_reason: Reason | None = None


class NamedShape(Shape):
    """One transfer."""

    transfer: Slug


class TransferReportShape(NamedShape):
    """How far a transfer has come. More than its allowance is refused."""

    created: Orders
    merged: Orders
    failed: Orders
    waiting: Orders
    sequence: Number
    at: Moment
