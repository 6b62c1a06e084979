"""The API's calls as its page shows them: grouped by noun, each field with its kind, in a notation without words."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from statuspage.api.operation import Operation, Schema
from statuspage.i18n import noop

NOUNS = {
    "recovery": noop("Restoration"),
    "uptime": noop("Uptime"),
    "estimates": noop("Estimates"),
    "probes": noop("Probes"),
    "incidents": noop("Incidents"),
    "maintenance": noop("Planned work"),
    "articles": noop("Questions and guides"),
}


@dataclass(frozen=True)
class Field:
    """One field of a body."""

    name: str
    kind: str
    is_needed: bool


@dataclass(frozen=True)
class Call:
    """One call with what it takes and what it answers."""

    operation: Operation
    about: str
    fields: tuple[Field, ...]
    answers: tuple[Field, ...]


def groups(operations: Sequence[Operation], schemas: Schema) -> Iterator[tuple[str, str, list[Call]]]:
    """(noun, its name, its calls), in the order in which nouns stand first."""
    ranks = {noun: place for place, noun in enumerate(dict.fromkeys(map(_noun, operations)))}
    for noun, found in groupby(sorted(operations, key=lambda one: ranks[_noun(one)]), key=_noun):
        yield noun, NOUNS[noun], [_call(one, schemas) for one in found]


def _noun(one: Operation) -> str:
    return one.path.split("/")[3].partition(".")[0]


def _call(one: Operation, schemas: Schema) -> Call:
    taken = schemas[one.shape.__name__] if one.shape else {}
    given = schemas[one.answer.__name__] if one.answer else {}
    return Call(one, taken.get("description", ""), _fields(taken, schemas), _fields(given, schemas))


def _fields(schema: Schema, schemas: Schema) -> tuple[Field, ...]:
    needed = schema.get("required", ())
    found: dict[str, Schema] = schema.get("properties", {})
    return tuple(Field(name, kind(one, schemas), name in needed) for name, one in found.items())


def kind(schema: Schema, schemas: Schema) -> str:
    """A kind as `"met" | "missed"`, `[string]`, `{pl, en, source}`, `date-time | null`."""
    if "$ref" in schema:
        return kind(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return " | ".join(kind(one, schemas) for one in schema["anyOf"])
    if words := schema.get("enum") or [schema[name] for name in ("const",) if name in schema]:
        return " | ".join(f'"{word}"' for word in words)
    if schema.get("type") == "array":
        return f"[{kind(schema.get('items', {}), schemas)}]"
    word: Any = schema.get("format") or schema.get("type", "any")
    return _object(schema, schemas) if word == "object" else str(word)


def _object(schema: Schema, schemas: Schema) -> str:
    if "properties" in schema:
        return "{" + ", ".join(schema["properties"]) + "}"
    others: list[Schema] = [one for one in (schema.get("additionalProperties"), *_by_pattern(schema)) if one]
    return "{…: " + kind(others[0] if others else {}, schemas) + "}"


def _by_pattern(schema: Schema) -> list[Schema]:
    return list(schema.get("patternProperties", {}).values())
