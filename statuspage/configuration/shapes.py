"""The shape of the file: the definition that checks it and that is published as its JSON Schema."""

import json
from typing import Annotated, Any, Self

from pydantic import Field, ValidationError, model_validator
from pydantic.json_schema import GenerateJsonSchema

from statuspage.configuration.probes import Probe
from statuspage.configuration.words import Day, Description, Entry, Name, Note, Position, Slug, WebAddress
from statuspage.errors import FieldError, Invalid
from statuspage.panels.rules import Days
from statuspage.probing.rules import Kind

PATH = "/api/config.schema.json"
BY_FUNCTION = "By the slug of their function."
PLACE = "Place in the list; left out, the order of the file counts."
MOST_FAULTS = 100
INSTANCE_PATH = tuple[int | str, ...]


class Function(Entry):
    """Something that customers do, on every panel."""

    slug: Slug
    name: Name
    key: Annotated[bool, Field(description="Without it the whole panel counts as down.")] = False
    position: Annotated[Position | None, Field(description=PLACE)] = None


class Component(Entry):
    """One function on one panel. A note that is left out stays as it is; null takes it away."""

    note: Note | None = None
    probes: Annotated[list[Probe], Field(default_factory=list)]


class Panel(Entry):
    """A server cluster on which accounts live, told apart by the days on which they were created (inclusive)."""

    slug: Slug
    name: Name
    description: Description | None = None
    login_url: WebAddress = ""
    accounts_from: Day | None = None
    accounts_until: Day | None = None
    opens_temporary: Annotated[bool, Field(description="Temporary accounts open here.")] = False
    position: Annotated[Position | None, Field(description=PLACE)] = None
    components: Annotated[dict[str, Component], Field(description=BY_FUNCTION, default_factory=dict)]

    @property
    def days(self) -> Days:
        return Days(self.accounts_from, self.accounts_until)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.days.are_in_order:
            raise ValueError("accounts_until is before accounts_from")
        return self


class File(Entry):
    """Panels, functions, components and probes of a status page."""

    schema_address: Annotated[str | None, Field(alias="$schema")] = None
    functions: Annotated[list[Function], Field(default_factory=list)]
    panels: Annotated[list[Panel], Field(default_factory=list)]


def schema(base_url: str) -> dict[str, Any]:
    """The published JSON Schema (2020-12)."""
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"{base_url}{PATH}"}
    return {**head, **File.model_json_schema(), "title": "Configuration of a status page"}


def schema_text(base_url: str) -> str:
    return json.dumps(schema(base_url), ensure_ascii=False, indent=1)


REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a key of this place: see `statuspage import --schema`",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text: put it between quotes",
    "list_type": "must be a list",
    "dict_type": "must be a mapping of keys to values",
    "model_type": "must be a mapping of keys to values",
    "union_tag_not_found": f"has no kind: give one of {', '.join(Kind)}",
    "union_tag_invalid": f"has a kind that is none of {', '.join(Kind)}",
}


def fit(raw: Any) -> File:
    """The document in its shape. Raises `Invalid` with the path and reason of each fault."""
    try:
        return File.model_validate(raw)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False, include_context=False)
    fields = (FieldError(pointer(_place(one["loc"], raw)), _reason(one["type"], one["msg"])) for one in faults)
    raise Invalid("The file is not in its shape.", tuple(fields)[:MOST_FAULTS])


def pointer(place: INSTANCE_PATH) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join(f"/{str(part)[:80].replace('~', '~0').replace('/', '~1')}" for part in place)


def _place(loc: INSTANCE_PATH, raw: Any) -> INSTANCE_PATH:
    """Without the kind that pydantic names behind the number of a probe."""
    return tuple(part for at, part in enumerate(loc) if not (at > 1 and loc[at - 2] == "probes" and part in set(Kind)))


def _reason(kind: str, message: str) -> str:
    return REASONS.get(kind) or message.removeprefix("Value error, ").replace("Input should", "must")
