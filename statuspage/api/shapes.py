"""The shapes of bodies: strict, closed, and the source of the API's description."""

from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from statuspage.errors import FieldError, Invalid
from statuspage.recovery.rules.forwarding import TransferKind
from statuspage.recovery.rules.reports import LARGEST, STAGES, State
from statuspage.web.gate import clean

MOST_ORDERS = 10**12
YEARS = range(1970, 9999)


def _one_line(words: str) -> str:
    try:
        words = clean(words)
    except Invalid as error:
        raise ValueError(error.fields[0].reason) from None
    if not words.strip() or "\n" in words or "\t" in words:
        raise ValueError("must be one line that is not blank")
    return words


def _moment(value: Any) -> datetime:
    if not isinstance(value, str) or len(value) > 40:
        raise ValueError("must be a time as text, like 2021-03-22T14:05:00+01:00")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("is no such time; write it like 2021-03-22T14:05:00+01:00") from None
    if moment.tzinfo is None:
        raise ValueError("needs its offset, like +01:00 or Z")
    if moment.year not in YEARS:
        raise ValueError("is not a time of ours: 1970 to 9998")
    return moment.astimezone(UTC)


def _known_stage(stage: str) -> str:
    if stage not in STAGES:
        raise ValueError(f"must be one of: {', '.join(STAGES)}")
    return stage


def _address(words: str) -> str:
    try:
        return validate_email(words, check_deliverability=False).normalized
    except EmailNotValidError:
        raise ValueError("must be one e-mail address") from None


Line = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(_one_line)]
Reason = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_one_line)]
Address = Annotated[str, Field(max_length=254), AfterValidator(_one_line), AfterValidator(_address)]
Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Moment = Annotated[datetime, BeforeValidator(_moment)]
Number = Annotated[int, Field(ge=0, le=LARGEST)]
Orders = Annotated[int, Field(ge=0, le=MOST_ORDERS)]
Stage = Annotated[str, Field(max_length=32, json_schema_extra={"enum": list(STAGES)}), AfterValidator(_known_stage)]


class Shape(BaseModel):
    """No key that is not named, no value that has to be guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReportShape(Shape):
    """What a source says of one stage of one account. `restored` means that `done` equals `total`."""

    account: Line
    panel: Slug
    stage: Stage
    state: Annotated[State, Field(strict=False)]
    done: Number
    total: Number
    sequence: Number
    at: Moment


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


AnyShape = TypeVar("AnyShape", bound=Shape)
REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of this document",
    "int_type": "must be a whole number",
    "string_type": "must be text",
    "model_type": "must be an object",
}


def fit(shape: type[AnyShape], raw: Any) -> AnyShape:
    """The document in its shape. Raises `Invalid` with the path and reason of each field."""
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
        fields = tuple(FieldError(_path(one["loc"]), _reason(one["type"], one["msg"])) for one in faults[:20])
    raise Invalid("Some fields are wrong.", fields)


def _path(place: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part)[:80].replace('~', '~0').replace('/', '~1')}" for part in place)


def _reason(kind: str, message: str) -> str:
    return REASONS.get(kind) or message.removeprefix("Value error, ").replace("Input should be", "must be")
