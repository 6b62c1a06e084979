"""Pages of a list: where to go on (`?after=`), how much at once (`?limit=`), and the `Link` to what follows."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from flask import Response, request
from pydantic import BaseModel

from statuspage.api.recovery import answer
from statuspage.errors import FieldError, Invalid
from statuspage.web.arguments import LARGEST_ID
from statuspage.web.gate import LARGEST
from statuspage.web.site import site

MOST = 500


class Numbered(Protocol):
    """A row of a list."""

    id: Any


Row = TypeVar("Row", bound=Numbered)
Words = TypeVar("Words", bound=StrEnum)


def whole(name: str, default: int, most: int) -> int:
    """A whole number of the query string, at most `most`."""
    words = request.args.get(name, str(default))
    if not (words.isascii() and words.isdigit() and len(words) <= 19 and int(words) <= most):
        raise Invalid("The address is wrong.", (FieldError(f"?{name}", f"must be a whole number up to {most}"),))
    return int(words)


def word(name: str, words: type[Words]) -> Words | None:
    """One of a closed set of words of the query string, or none."""
    found = request.args.get(name)
    if found is None:
        return None
    if found not in set(words):
        raise Invalid("The address is wrong.", (FieldError(f"?{name}", f"must be one of: {', '.join(words)}"),))
    return words(found)


def page(
    name: str,
    find: Callable[[int, int], Sequence[Row]],
    describe: Callable[[Row], dict[str, Any]],
    largest: int = LARGEST,
) -> Response:
    """The part of a list that was asked for: `find(after, limit)` reads it; ids go up to `largest`."""
    limit = max(1, whole("limit", 100, MOST))
    rows = find(whole("after", 0, largest), limit + 1)
    response = answer({name: [describe(one) for one in rows[:limit]]})
    response.add_etag()
    if len(rows) > limit:
        query = urlencode({**request.args, "after": rows[limit - 1].id})
        response.headers["Link"] = f'<{site().settings.base_url}{request.path}?{query}>; rel="next"'
    response.make_conditional(request)
    return response


def answers(name: str, find: Callable[[int, int], Sequence[Row]], describe: Callable[[Row], BaseModel]) -> Response:
    """The same for rows that are told in a described shape; their ids are those of plain columns."""
    return page(name, find, lambda row: describe(row).model_dump(mode="json"), LARGEST_ID)
