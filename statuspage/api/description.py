"""The API's description: OpenAPI 3.1 from the shapes themselves, and the same as a page."""

import json
from collections.abc import Iterator
from functools import partial

from pydantic.json_schema import models_json_schema

from statuspage import __version__
from statuspage.api.answers import Problem
from statuspage.api.bodies import JSON
from statuspage.api.calls import OPERATIONS
from statuspage.api.operation import Schema, described
from statuspage.api.reference import groups
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import Brand
from statuspage.web.pages import Pages


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    base_url = snapshot.brand.base_url
    render = partial(_as_json, base_url)
    yield Document("/api/openapi.json", JSON, (__version__, base_url), render, cross_origin=True)
    for locale in pages.locales:
        page = partial(_as_page, pages, locale, snapshot.brand)
        yield Document(pages.href("api-docs", locale), "text/html", (locale, snapshot.brand), page)


def openapi(base_url: str) -> Schema:
    """The whole description."""
    taken = [(one.shape, "validation") for one in OPERATIONS if one.shape]
    given = [(one.answer, "serialization") for one in OPERATIONS if one.answer]
    models = [*taken, *given, (Problem, "serialization")]
    _, found = models_json_schema(models, ref_template="#/components/schemas/{model}")  # type: ignore[arg-type]
    paths: dict[str, Schema] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method] = described(one)
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


def _as_json(base_url: str) -> bytes:
    return json.dumps(openapi(base_url)).encode()


def _as_page(pages: Pages, locale: str, brand: Brand) -> bytes:
    schemas = openapi(brand.base_url)["components"]["schemas"]
    here = {"kind": "api-docs", "parts": ()}
    nouns = list(groups(OPERATIONS, schemas))
    return pages.render(locale, "api/docs.html", brand=brand, here=here, nouns=nouns).encode()
