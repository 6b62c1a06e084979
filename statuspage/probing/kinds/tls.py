"""TLS: an encrypted connection with a trusted certificate for this name, and enough days left on it."""

from collections.abc import Iterator, Mapping
from typing import Any

from statuspage.errors import FieldError
from statuspage.probing.kinds.shape import NO_PORT, host_and_port, seen, whole
from statuspage.probing.reach import Reach, Stopwatch
from statuspage.probing.reasons import Failed
from statuspage.probing.rules import Look, Target

SETTINGS: tuple[str, ...] = ("cert_days", "slow_ms")


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    try:
        host_and_port(target)
    except Failed:
        yield FieldError("/target", NO_PORT)
    yield from whole(expect, "cert_days", 1, 3650)
    yield from whole(expect, "slow_ms", 1, 600_000)


def hosts(target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("/target", host_and_port(target)[0])]


async def look(target: Target, reach: Reach, watch: Stopwatch) -> Look:
    _, writer = await reach.connect(*host_and_port(target.address), watch, tls=True)
    try:
        return seen(watch, target.expect)
    finally:
        writer.transport.abort()
