"""Whether what a web server answered is as expected: status, headers, words, a value in its JSON."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from statuspage.probing.reasons import (
    HOLDS,
    LACKS,
    NO_HEADER,
    NO_JSON,
    NO_VALUE,
    OTHER_HEADER,
    OTHER_VALUE,
    STATUS,
    Failed,
    failed,
    say,
)

ANY_SUCCESS = "200-299"
STEP = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(\d{1,6})\]", re.ASCII)
OPERATORS = ("=", "!=", "<", ">", "contains")


@dataclass(frozen=True)
class Answer:
    """What a web server answered; `body` is cut at the client's cap, names of headers are in lower case."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


def wrong(answer: Answer, expect: Mapping[str, Any]) -> str | None:
    """The first thing that is not as expected, in words."""
    return next(filter(None, (check(answer, expect) for check in CHECKS)), None)


def _status(answer: Answer, expect: Mapping[str, Any]) -> str | None:
    right = statuses(expect.get("statuses") or ANY_SUCCESS)
    return None if any(first <= answer.status <= last for first, last in right) else say(STATUS, status=answer.status)


def _header(answer: Answer, expect: Mapping[str, Any]) -> str | None:
    name, value = expect.get("header_name"), expect.get("header_value")
    if not name:
        return None
    found = answer.headers.get(name.lower())
    if found is None:
        return say(NO_HEADER, name=name)
    return say(OTHER_HEADER, name=name, found=repr(found)) if value and found != value else None


def _words(answer: Answer, expect: Mapping[str, Any]) -> str | None:
    keyword, absent = expect.get("keyword"), expect.get("absent")
    if keyword and keyword not in answer.body:
        return say(LACKS, words=repr(keyword))
    return say(HOLDS, words=repr(absent)) if absent and absent in answer.body else None


def _json(answer: Answer, expect: Mapping[str, Any]) -> str | None:
    path = expect.get("json_path")
    if not path:
        return None
    try:
        found = value_at(json.loads(answer.body), path)
    except Failed as problem:
        return str(problem)
    except (ValueError, RecursionError):
        return NO_JSON
    right = holds(found, expect.get("json_op") or "=", expect.get("json_value") or "")
    return None if right else say(OTHER_VALUE, path=path, found=json.dumps(found, ensure_ascii=False))


CHECKS: tuple[Callable[[Answer, Mapping[str, Any]], str | None], ...] = (_status, _header, _words, _json)


def statuses(words: str) -> list[tuple[int, int]]:
    """`200-299, 401` as ranges. Raises ValueError."""
    found = []
    for part in words.split(","):
        first, _, last = part.strip().partition("-")
        pair = int(first), int(last or first)
        if not 100 <= pair[0] <= pair[1] <= 599:
            raise ValueError(f"{part.strip()!r} is no HTTP status")
        found.append(pair)
    return found


def steps(path: str) -> list[str | int]:
    """`data.items[0].name` as its steps. Raises ValueError."""
    found = list(STEP.finditer(path))
    if not path or path.startswith(".") or "".join(one[0] for one in found) != path:
        raise ValueError("no path")
    return [one[1] if one[1] is not None else int(one[2]) for one in found]


def value_at(document: Any, path: str) -> Any:
    """What stands there. Raises `Failed` when nothing does."""
    for step in steps(path):
        try:
            document = document[step]
        except (KeyError, IndexError, TypeError):
            raise failed(NO_VALUE, path=path) from None
    return document


def holds(found: Any, operator: str, wanted: str) -> bool:
    """Whether the comparison is true; numbers are compared as numbers, all else as it is written."""
    match operator:
        case "=":
            return _same(found, wanted)
        case "!=":
            return not _same(found, wanted)
        case "contains":
            return wanted in found if isinstance(found, str) else any(_same(one, wanted) for one in _parts(found))
    if not isinstance(found, int | float) or isinstance(found, bool):
        return False
    return found < float(wanted) if operator == "<" else found > float(wanted)


def _same(found: Any, wanted: str) -> bool:
    if isinstance(found, str):
        return found == wanted
    try:
        return bool(found == json.loads(wanted))
    except ValueError:
        return False


def _parts(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list | dict) else []
