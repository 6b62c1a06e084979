"""The one strict gate for text that comes in: UTF-8, NFC, no NUL, control characters or lone surrogates."""

import json
import re
import unicodedata
from typing import Any

from statuspage.errors import FieldError, Invalid, Malformed
from statuspage.i18n import noop

FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
LARGEST = 2**63 - 1
UNSEEN = noop("has control characters or broken Unicode: remove them")


def clean(text: str, path: str = "") -> str:
    """The text in NFC with plain line ends. Raises `Invalid` where it holds what no reader could see."""
    if FORBIDDEN.search(text):
        raise Invalid(
            "A text has characters that cannot be shown.",
            (FieldError.of(path, UNSEEN),),
        )
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_json(body: bytes) -> Any:
    """One JSON document (RFC 8259), strictly: UTF-8, no NaN, no duplicate keys, no number past 64 bits.

    Raises `Malformed` where it cannot be read and `Invalid` where it cannot be kept, with the reason;
    nesting is bounded by the parser.
    """
    try:
        return _without_surrogates(body, _loaded(body))
    except UnicodeDecodeError:
        raise Malformed("The body is not UTF-8.", (FieldError("", "send the body as UTF-8"),)) from None
    except json.JSONDecodeError as error:
        raise Malformed("The body is not JSON.", (FieldError("", f"{error.msg} at character {error.pos}"),)) from None
    except RecursionError:
        raise Malformed("The body is nested too deeply.", (FieldError("", "flatten the document"),)) from None


def _loaded(body: bytes) -> Any:
    return json.loads(
        body.decode("utf-8"),
        object_pairs_hook=_unique,
        parse_constant=_no_constant,
        parse_int=_small_int,
        parse_float=_finite,
    )


def _without_surrogates(body: bytes, found: Any) -> Any:
    """UTF-8 cannot hold half a character, but the escape `\\ud800` can name one."""
    if SURROGATE_ESCAPE.search(body):
        try:
            json.dumps(found, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            raise Invalid("The body has broken Unicode.", (FieldError("", "has half a surrogate pair"),)) from None
    return found


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise Invalid("A key stands twice.", (FieldError(f"/{key[:80]}", "this key stands twice: send it once"),))
        found[key] = value
    return found


def _no_constant(word: str) -> Any:
    raise Invalid(f"{word} is not a JSON number.", (FieldError("", f"{word} is not a number that can be kept"),))


def _small_int(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST:
        raise Invalid("A number is too large.", (FieldError("", "whole numbers go up to 9223372036854775807"),))
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits) if len(digits) <= 40 else float("inf")
    if value in (float("inf"), float("-inf")):
        raise Invalid("A number is too large or too long.", (FieldError("", "send a number of ordinary size"),))
    return value
