"""How a value of the site looks in our own JSON: times in UTC, texts in all their languages."""

import json
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from statuspage.texts.rules import Freshness, Texts


def dumps(body: Any) -> bytes:
    """A document: times end in Z, texts are `{"pl": …, "en": …, "source": "pl"}`."""
    return json.dumps(body, default=_value, ensure_ascii=False).encode()


def utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def texts(words: Texts) -> dict[str, str]:
    """What readers see: a translation that is older than its source is left out."""
    shown = {key: text for key, text in words.by_locale.items() if words.freshness(key) is Freshness.FRESH}
    return {**shown, "source": words.source}


def _value(value: Any) -> Any:
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Texts):
        return texts(value)
    assert isinstance(value, UUID)
    return str(value)
