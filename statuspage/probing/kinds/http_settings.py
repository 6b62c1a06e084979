"""What can be set of an HTTP probe, and what is wrong with it."""

import re
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from yarl import URL

from statuspage.errors import FieldError
from statuspage.i18n import noop
from statuspage.probing.kinds.answers import ANY_SUCCESS, OPERATORS, statuses, steps
from statuspage.probing.kinds.shape import split, whole
from statuspage.probing.reasons import ODD_TARGET, Failed, failed

SETTINGS: tuple[str, ...] = (
    "method", "headers", "body", "statuses", "keyword", "absent", "json_path", "json_op", "json_value",
    "header_name", "header_value", "redirects", "redirects_most", "slow_ms", "cert_days",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_REDIRECTS = 10
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}", re.ASCII)
# What frames the request is for the client to say.
FRAMING = {
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "accept-encoding",
}
LONGEST_HEADERS = 4000
LONGEST_BODY = 20_000

NO_ADDRESS = noop("Give an address without a password, like https://panel.example.com/health.")
NO_STATUSES = noop("Give HTTP statuses, like 200-299, 401.")
NO_METHOD = noop("Choose one of the methods.")
NO_HEADERS = noop("Give one header a line, like Authorization: Bearer abc; none that frames the request, like Host.")
NO_HEADER_NAME = noop("Give the name of a header, like X-Version.")
NO_PATH = noop("Give a path into the JSON, like data.items[0].state.")
NO_OPERATOR = noop("Choose how to compare.")
NO_NUMBER = noop("Give a number to compare with.")
NO_POLICY = noop("Choose which redirects are followed.")
BODY_TOO_LONG = noop("At most 20000 characters.")


class Redirects(StrEnum):
    """Which redirects are followed."""

    NONE = "none"
    SAME_HOST = "same-host"
    ANY = "any"


def web_address(words: str) -> URL:
    """The address as it will be asked for. Raises `Failed`, also where two readers could see two hosts in it."""
    parts = split(words)
    try:
        url = URL(words)
        port = url.port
    except ValueError:
        raise failed(ODD_TARGET) from None
    same = (url.raw_host or "").lower() == (parts.hostname or "").lower()
    if url.scheme not in ("http", "https") or not url.raw_host or not port or not same:
        raise failed(ODD_TARGET)
    return url


def headers(words: str) -> list[tuple[str, str]]:
    """`Name: value`, one a line. Raises ValueError."""
    found = []
    for line in filter(str.strip, words.splitlines()):
        name, colon, value = line.partition(":")
        value = value.strip()
        if not colon or not TOKEN.fullmatch(name) or name.lower() in FRAMING or not value.isprintable():
            raise ValueError("no header")
        found.append((name, value))
    return found


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    yield from _unreadable("/target", NO_ADDRESS, lambda: web_address(target))
    yield from _unreadable("/statuses", NO_STATUSES, lambda: statuses(expect.get("statuses") or ANY_SUCCESS))
    yield from _unreadable("/headers", NO_HEADERS, lambda: headers(expect.get("headers") or ""))
    if expect.get("json_path"):
        yield from _unreadable("/json_path", NO_PATH, lambda: steps(expect["json_path"]))
    if expect.get("json_op") in ("<", ">"):
        yield from _unreadable("/json_value", NO_NUMBER, lambda: float(expect.get("json_value", "")))
    for name, right, reason in (
        ("method", METHODS, NO_METHOD),
        ("json_op", OPERATORS, NO_OPERATOR),
        ("redirects", tuple(Redirects), NO_POLICY),
    ):
        if expect.get(name) and expect[name] not in right:
            yield FieldError(f"/{name}", reason)
    yield from _too_long(expect)
    yield from whole(expect, "redirects_most", 1, MOST_REDIRECTS)
    yield from whole(expect, "slow_ms", 1, 600_000)
    yield from whole(expect, "cert_days", 1, 3650)


def _too_long(expect: Mapping[str, Any]) -> Iterator[FieldError]:
    if len(expect.get("headers", "")) > LONGEST_HEADERS:
        yield FieldError("/headers", NO_HEADERS)
    if len(expect.get("body", "")) > LONGEST_BODY:
        yield FieldError("/body", BODY_TOO_LONG)
    if expect.get("header_name") and not TOKEN.fullmatch(expect["header_name"]):
        yield FieldError("/header_name", NO_HEADER_NAME)


def _unreadable(path: str, reason: str, read: Any) -> Iterator[FieldError]:
    try:
        read()
    except (ValueError, Failed):
        yield FieldError(path, reason)
