"""The shapes that reports of restoration come in, whoever sends them: strict, closed, with a reason for each fault."""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from statuspage.errors import FieldError, Invalid, Wrong
from statuspage.i18n import noop
from statuspage.recovery.rules.reports import LARGEST, STAGES, Report, State, contradiction
from statuspage.web.gate import clean

YEARS = range(1970, 9999)
ONE_OF = noop("must be one of: %(expected)s")


def one_line(words: str) -> str:
    try:
        words = clean(words)
    except Invalid as error:
        raise Wrong(error.fields[0].template) from None
    if not words.strip() or "\n" in words or "\t" in words:
        raise Wrong(noop("must be one line that is not blank"))
    return words


def moment(value: Any) -> datetime:
    """A time with its offset, read from text. Raises `ValueError` with the reason."""
    if not isinstance(value, str) or len(value) > 40:
        raise Wrong(noop("must be a time as text, like 2021-03-22T14:05:00+01:00"))
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise Wrong(noop("is no such time; write it like 2021-03-22T14:05:00+01:00")) from None
    if found.tzinfo is None:
        raise Wrong(noop("needs its offset, like +01:00 or Z"))
    if found.year not in YEARS:
        raise Wrong(noop("is not a time of ours: 1970 to 9998"))
    return found.astimezone(UTC)


def _known_stage(stage: str) -> str:
    if stage not in STAGES:
        raise Wrong(ONE_OF, expected=", ".join(STAGES))
    return stage


Line = Annotated[str, Field(min_length=1, max_length=128), AfterValidator(one_line)]
Cause = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(one_line)]
Slug = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9-]*$")]
Moment = Annotated[datetime, BeforeValidator(moment)]
Number = Annotated[int, Field(ge=0, le=LARGEST)]
Stage = Annotated[str, Field(max_length=32, json_schema_extra={"enum": list(STAGES)}), AfterValidator(_known_stage)]


class Shape(BaseModel):
    """No key that is not named, no value that has to be guessed at."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ReportShape(Shape):
    """What a source says of one stage of one account. `restored` means that `done` equals `total`.

    `failed` and `needs_choice` may say why in `reason`, in words that many accounts share: staff see them counted.
    """

    account: Line
    panel: Slug
    stage: Stage
    state: Annotated[State, Field(strict=False)]
    done: Number
    total: Number
    sequence: Number
    at: Moment
    reason: Cause | None = None


AnyShape = TypeVar("AnyShape", bound=Shape)
# By the kind of fault that pydantic tells; what it tells beside fills the blanks.
REASONS = {
    "missing": noop("is missing"),
    "extra_forbidden": noop("is not a field of this document"),
    "int_type": noop("must be a whole number"),
    "greater_than_equal": noop("must be %(ge)s or more"),
    "less_than_equal": noop("must be %(le)s or less"),
    "string_type": noop("must be text"),
    "string_too_short": noop("must not be empty"),
    "string_too_long": noop("is too long: at most %(max_length)s characters"),
    "string_pattern_mismatch": noop("must be small letters, digits and hyphens"),
    "enum": ONE_OF,
    "model_type": noop("must be an object"),
}
UNKNOWN_PANEL = noop("there is no panel %(panel)s")


def fit(shape: type[AnyShape], raw: Any) -> AnyShape:
    """The document in its shape. Raises `Invalid` with the path and reason of each field."""
    try:
        return shape.model_validate(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        fields = tuple(_refused(_path(one["loc"]), one) for one in faults[:20])
    raise Invalid("Some fields are wrong.", fields)


def _path(place: tuple[int | str, ...]) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part)[:80].replace('~', '~0').replace('/', '~1')}" for part in place)


def _refused(path: str, fault: Mapping[str, Any]) -> FieldError:
    told = fault.get("ctx", {})
    if isinstance(wrong := told.get("error"), Wrong):
        return FieldError.of(path, wrong.template, **wrong.values)
    if fault["type"] == "enum":
        told = {"expected": told["expected"].replace("'", "").replace(" or ", ", ")}
    if template := REASONS.get(fault["type"]):
        return FieldError.of(path, template, **(told if "%" in template else {}))
    return FieldError(path, fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be"))


def read_report(raw: Any, panels: Collection[str]) -> Report:
    """One report of one of these panels. Raises `Invalid` with the path and reason of each field."""
    shape = fit(ReportShape, raw)
    if shape.panel not in panels:
        raise Invalid("Unknown panel.", (FieldError.of("/panel", UNKNOWN_PANEL, panel=shape.panel),))
    report = Report(**dict(shape))
    if fault := contradiction(report):
        raise Invalid("The figures contradict each other.", (FieldError.of(f"/{fault[0]}", fault[1]),))
    return report
