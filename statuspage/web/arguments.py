"""What an address may name: ids that fit a column, words that a database can hold."""

from flask import Flask, abort, request
from werkzeug.routing import IntegerConverter, Map

from statuspage.web.gate import FORBIDDEN

LARGEST_ID = 2**31 - 1


class Id(IntegerConverter):
    """The `<int:…>` of our addresses: a larger number names nothing, where a column would overflow."""

    def __init__(self, map: Map) -> None:
        super().__init__(map, min=0, max=LARGEST_ID)


def install(app: Flask) -> None:
    """Bound the ids in addresses, and answer 404 to words that no row can be called."""
    app.url_map.converters["int"] = Id

    @app.before_request
    def check() -> None:
        words = (request.view_args or {}).values()
        if any(isinstance(word, str) and FORBIDDEN.search(word) for word in words):
            abort(404)
