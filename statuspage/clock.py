"""The two clocks: `now()` is the product's time, `wall()` the machine's.

They differ only in the demo, which lives in story time: a constant offset, ticking at real
speed, kept in the database (`db.Site`). All that a reader sees uses `now()`; sessions, tokens,
leases, TLS and HTTP dates use `wall()`.
"""

from datetime import UTC, datetime, timedelta

_offset = timedelta()


def wall() -> datetime:
    """The machine's time, aware, in UTC."""
    return datetime.now(UTC)  # noqa: TID251  # the one place that asks the machine


def now() -> datetime:
    """The product's time, aware, in UTC."""
    return wall() + _offset


def offset() -> timedelta:
    return _offset


def tell_story(offset: timedelta) -> None:
    """Live `offset` away from the machine's time (zero everywhere but in the demo)."""
    global _offset  # noqa: PLW0603  # the process has one time
    _offset = offset
