"""Heartbeats: a job of somebody's calls us; what can be set is the grace before it counts as missed."""

from collections.abc import Iterator, Mapping
from typing import Any

from statuspage.errors import FieldError
from statuspage.i18n import noop

SETTINGS: tuple[str, ...] = ("grace",)
GRACE = noop("0 to 86400 seconds")


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    if not 0 <= expect.get("grace", 0) <= 86_400:
        yield FieldError("/grace", GRACE)


def hosts(target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
    return []
