"""One call of the API in words, and how OpenAPI 3.1 says it."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from statuspage.api.bodies import JSON, LINES
from statuspage.api.cursors import MOST
from statuspage.downloads import Format
from statuspage.shapes import Shape
from statuspage.web.arguments import LARGEST_ID

Schema = dict[str, Any]
PROBLEM = "application/problem+json"
UUID: Schema = {"type": "string", "format": "uuid"}
IDS: dict[str, Schema] = {"update": UUID, "estimate": UUID, "probe": {"type": "integer", "minimum": 0}}
AFTER: Schema = {
    "name": "after",
    "in": "query",
    "schema": {"type": "integer", "minimum": 0, "maximum": LARGEST_ID},
    "description": "Where to go on: the Link header has it.",
}
LIMIT: Schema = {"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1, "maximum": MOST}}
KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "description": "The same key and body get the same answer again, for a day.",
}
IF_MATCH: Schema = {
    "name": "If-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The ETag of what you have read: 412 if it is no longer so.",
}
ATOMIC: Schema = {"name": "atomic", "in": "query", "schema": {"type": "boolean"}, "description": "All lines or none."}


@dataclass(frozen=True)
class Operation:
    """One call; its summary is a message of the catalogue. `bulk`: one document, an array, or lines; `many`: an array.

    `stream`: it answers with lines of this format. `answer` is the shape of what it answers, `listed` the name under
    which a list of them comes, in pages; a call with an `answer` has an ETag, keeps to If-Match, and to an
    Idempotency-Key where it is a POST.
    """

    method: str
    path: str
    summary: str
    scope: str | None = None
    shape: type[Shape] | None = None
    answer: type[BaseModel] | None = None
    success: int = 200
    bulk: bool = False
    many: bool = False
    stream: Format | None = None
    listed: str = ""
    states: tuple[str, ...] = ()

    @property
    def parameters(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


def described(one: Operation) -> Schema:
    """The call as OpenAPI has it."""
    operation: Schema = {
        "summary": one.summary,
        "operationId": "_".join(re.findall(r"[a-z0-9]+", f"{one.method} {one.path.removeprefix('/api/v1')}")),
        "responses": _responses(one),
        "parameters": [*_in_path(one), *_in_query(one), *_in_header(one)],
    }
    if one.scope:
        operation["security"] = [{"token": []}]
        operation["description"] = f"Needs a token with the scope {one.scope}."
    if one.shape:
        operation["requestBody"] = {"required": True, "content": _content(one, one.shape)}
    return operation


def _responses(one: Operation) -> Schema:
    done: Schema = {"description": "Done"}
    if one.success != 204:
        done["content"] = _answered(one)
    problem = {PROBLEM: {"schema": _ref("Problem")}}
    found = {
        str(one.success): done,
        "4XX": {"description": "A problem (RFC 9457)", "content": problem},
        "503": {"description": "Not just now; nothing was saved. Send it again after Retry-After", "content": problem},
    }
    return {**found, "304": {"description": "As it was"}} if one.answer and one.method == "get" else found


def _answered(one: Operation) -> Schema:
    if one.stream:
        return {one.stream.media_type: {"schema": {"type": "string"}}}
    if not one.answer:
        return {JSON: {"schema": {"type": "object"}}}
    schema = _ref(one.answer.__name__)
    if one.listed:
        rows = {one.listed: {"type": "array", "items": schema}}
        schema = {"type": "object", "properties": rows, "required": [one.listed]}
    return {JSON: {"schema": schema}}


def _in_path(one: Operation) -> list[Schema]:
    return [
        {"name": name, "in": "path", "required": True, "schema": IDS.get(name, {"type": "string"})}
        for name in one.parameters
    ]


def _in_query(one: Operation) -> list[Schema]:
    pages = [AFTER, LIMIT] if one.listed else []
    states = {"name": "state", "in": "query", "schema": {"enum": [*one.states]}}
    return [*pages, *([states] if one.states else []), *([ATOMIC] if one.bulk else [])]


def _in_header(one: Operation) -> list[Schema]:
    if one.method == "get" or not (one.answer or one.method == "delete"):
        return []
    return [IF_MATCH, KEY] if one.method == "post" else [IF_MATCH]


def _content(one: Operation, shape: type[Shape]) -> Schema:
    schema = _ref(shape.__name__)
    array = {"type": "array", "items": schema, "maxItems": 1000}
    if not one.bulk:
        return {JSON: {"schema": array if one.many else schema}}
    return {JSON: {"schema": {"oneOf": [schema, array]}}, LINES: {"schema": {"type": "string"}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
