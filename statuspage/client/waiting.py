"""When to try again: growing pauses with jitter, or what the server asks for."""

from datetime import UTC
from email.utils import parsedate_to_datetime

FIRST = 0.5
LONGEST = 60.0


def pause(tries: int, asked: float | None, chance: float) -> float:
    """Seconds to wait after so many tries in vain; `asked` is the server's wish, `chance` is 0 … 1.

    Without the jitter all clients of a server that was away would come back at the same moment.
    """
    if asked is not None:
        return min(asked, LONGEST) + chance
    longest: float = min(LONGEST, FIRST * 2 ** min(tries, 10))
    return longest * (0.5 + chance / 2)


def retry_after(words: str | None, now: float) -> float | None:
    """The seconds that a `Retry-After` header asks for: a number, or a date. `now` is in seconds of the epoch."""
    if words is None:
        return None
    if words.strip().isascii() and words.strip().isdigit():
        return float(words.strip()[:9])
    try:
        at = parsedate_to_datetime(words)
    except ValueError:
        return None
    return max(0.0, (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() - now)
