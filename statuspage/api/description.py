"""The API's description: OpenAPI 3.1 from the shapes themselves, and the same as a page."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic.json_schema import models_json_schema

from statuspage import __version__
from statuspage.api import asking_shapes, estimates, probes, shapes, uptime
from statuspage.api.bodies import JSON, LINES
from statuspage.api.recovery import BASE
from statuspage.probing.exports import Format
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import Brand
from statuspage.shapes import ReportShape, Shape
from statuspage.tokens.rules import Scope
from statuspage.web.pages import Pages

WRITE, READ = Scope.RECOVERY_WRITE.value, Scope.RECOVERY_READ.value
PLACE = f"{BASE}/panels/{{panel}}/accounts/{{account}}"
Schema = dict[str, Any]


@dataclass(frozen=True)
class Operation:
    """One call. `bulk`: one document, an array, or lines; `many`: an array.

    `stream`: it answers with lines of this format.
    """

    method: str
    path: str
    summary: str
    scope: str | None = None
    shape: type[Shape] | None = None
    bulk: bool = False
    many: bool = False
    success: int = 200
    stream: Format | None = None

    @property
    def parameters(self) -> list[str]:
        return [part[1:-1] for part in self.path.split("/") if part.startswith("{")]


OBJECT: Schema = {JSON: {"schema": {"type": "object"}}}


def asking_operations() -> Iterator[Operation]:
    """What customers are asked and ask for."""
    choices, requests, merges = f"{BASE}/choices", f"{BASE}/requests", f"{BASE}/merges"
    yield Operation("get", choices, "Choices; ?state=settled are those to carry out", READ)
    yield Operation("post", choices, "Ask accounts to choose", WRITE, asking_shapes.ChoiceShape, bulk=True)
    done = "Say which options were carried out"
    yield Operation("post", f"{choices}/carried-out", done, WRITE, asking_shapes.CarriedShape, bulk=True)
    yield Operation("get", f"{choices}/{{choice}}", "One choice, and what holds now", READ)
    one_done = "Say that an option was carried out; 409 where another one holds"
    yield Operation("post", f"{choices}/{{choice}}/carried-out", one_done, WRITE, asking_shapes.OptionShape)
    yield Operation("get", requests, "Requests of customers; ?state=received are the new ones", READ)
    yield Operation("get", f"{requests}/{{request}}", "One request of a customer", READ)
    state = "Say how far a request is"
    yield Operation("post", f"{requests}/{{request}}/state", state, WRITE, asking_shapes.RequestStateShape)
    yield Operation("post", merges, "Say what a merge of two accounts would do", WRITE, asking_shapes.MergeShape)
    yield Operation("get", f"{merges}/{{merge}}", "How far a merge is", READ)
    begin = "Say that a merge begins; refused while the gap is open"
    yield Operation("post", f"{merges}/{{merge}}/run", begin, WRITE, asking_shapes.RunShape)
    yield Operation("post", f"{merges}/{{merge}}/result", "Say what a merge did", WRITE, asking_shapes.ResultShape)


OPERATIONS = (
    Operation(
        "get", f"{BASE}/progress", "Restoration per panel and stage with a forecast, queues of orders, how N changed"
    ),
    Operation("get", uptime.PATH, "Uptime of each panel: 90 days, by month and day by day"),
    Operation("get", estimates.PATH, "All promises: what is expected, how often it slipped, what came of it"),
    Operation("post", f"{BASE}/reports", "Report restoration", WRITE, ReportShape, bulk=True),
    Operation("put", f"{BASE}/panels/{{panel}}/size", "Say how many accounts a panel has", WRITE, shapes.SizeShape),
    Operation("get", PLACE, "Where one account stands", READ),
    Operation("put", PLACE, "Keep login, contact or temporary account", WRITE, shapes.AccountShape),
    Operation("post", f"{PLACE}/link", "A new link to the account's own page, shown once", WRITE, success=201),
    Operation(
        "post",
        f"{BASE}/links",
        "Links to up to 1,000 accounts",
        WRITE,
        shapes.PlaceShape,
        many=True,
        success=201,
    ),
    Operation("post", f"{BASE}/transfers", "Begin to move orders", WRITE, shapes.TransferShape, success=201),
    Operation(
        "post",
        f"{BASE}/transfers/reports",
        "Report how far transfers are",
        WRITE,
        shapes.TransferReportShape,
        bulk=True,
    ),
    Operation("get", f"{BASE}/transfers/{{transfer}}", "How far one transfer has come", READ),
    Operation(
        "post",
        f"{BASE}/transfers/{{transfer}}/confirm",
        "Say that what moved so far was looked at: after one order ten may move, then the rest",
        WRITE,
        shapes.ConfirmShape,
    ),
    *(
        Operation(
            "get", f"{probes.PATH}.{form}", "What a probe saw, look by look", Scope.PROBES_READ.value, stream=form
        )
        for form in Format
    ),
    *asking_operations(),
)


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    base_url = snapshot.brand.base_url
    render = partial(_as_json, base_url)
    yield Document("/api/openapi.json", JSON, (__version__, base_url), render, cross_origin=True)
    for locale in pages.locales:
        page = partial(_as_page, pages, locale, snapshot.brand)
        yield Document(pages.href("api-docs", locale), "text/html", (locale, snapshot.brand), page)


def openapi(base_url: str) -> Schema:
    """The whole description."""
    used = [(one.shape, "validation") for one in OPERATIONS if one.shape]
    _, found = models_json_schema(used, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    paths: dict[str, Schema] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = _operation(one)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Status page", "version": __version__},
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": found.get("$defs", {}),
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation) -> Schema:
    content = {one.stream.media_type: {"schema": {"type": "string"}}} if one.stream else OBJECT
    answers = {str(one.success): {"description": "Done", "content": content}}
    problem = {"application/problem+json": {"schema": {"type": "object"}}}
    operation: Schema = {
        "summary": one.summary,
        "responses": {**answers, "4XX": {"description": "A problem (RFC 9457)", "content": problem}},
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in one.parameters
        ],
    }
    if one.scope:
        operation["security"] = [{"token": []}]
        operation["description"] = f"Needs a token with the scope {one.scope}."
    if one.shape:
        operation["requestBody"] = {"required": True, "content": _content(one)}
    if one.bulk:
        atomic = {"name": "atomic", "in": "query", "schema": {"type": "boolean"}, "description": "All lines or none."}
        operation["parameters"].append(atomic)
    return operation


def _content(one: Operation) -> Schema:
    assert one.shape
    schema: Schema = {"$ref": f"#/components/schemas/{one.shape.__name__}"}
    array = {"type": "array", "items": schema, "maxItems": 1000}
    if not one.bulk:
        return {JSON: {"schema": array if one.many else schema}}
    return {JSON: {"schema": {"oneOf": [schema, array]}}, LINES: {"schema": {"type": "string"}}}


def _as_json(base_url: str) -> bytes:
    return json.dumps(openapi(base_url)).encode()


def _as_page(pages: Pages, locale: str, brand: Brand) -> bytes:
    schemas = openapi(brand.base_url)["components"]["schemas"]
    here = {"kind": "api-docs", "parts": ()}
    rows = [(one, schemas[one.shape.__name__] if one.shape else None) for one in OPERATIONS]
    return pages.render(locale, "api/docs.html", brand=brand, here=here, rows=rows).encode()
