"""Looks at targets over the network, each under a hard deadline, and says in words what went wrong."""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from statuspage.probing import guard, reasons
from statuspage.probing.kinds import LOOKS
from statuspage.probing.reach import STOPWATCH, Lookup, Reach, Stopwatch, Unable, look_up, spare
from statuspage.probing.reasons import Failed, say
from statuspage.probing.rules import Look, Target

ERRNOS = {
    errno.ECONNREFUSED: reasons.REFUSED,
    errno.ECONNRESET: reasons.RESET,
    errno.EPIPE: reasons.RESET,
    errno.EHOSTUNREACH: reasons.NO_WAY,
    errno.ENETUNREACH: reasons.NO_NETWORK,
}
SHORT = 1.0
NONE_LEFT = "this machine has no connection left"
OURS = {errno.EBUSY, errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
CERTIFICATES = {9: reasons.NOT_YET, 10: reasons.EXPIRED, 62: reasons.WRONG_HOST, 64: reasons.WRONG_HOST}


class Looker:
    """Looks at targets from one event loop."""

    def __init__(self, allow: tuple[guard.Network, ...] = (), lookup: Lookup = look_up) -> None:
        self.reach = Reach(allow, lookup)
        self._short_at = 0.0

    async def look(self, target: Target) -> Look:
        """One look; whatever goes wrong is what it saw. Never takes longer than the target's timeout.

        Raises `Unable` when it is our own machine that has no connection left.
        """
        watch = Stopwatch()
        STOPWATCH.set(watch)
        try:
            async with asyncio.timeout(target.timeout):
                return await LOOKS[target.kind].look(target, self.reach, watch)
        except TimeoutError:
            error = say(reasons.TOO_LATE, seconds=f"{target.timeout:g}")
        except (Failed, aiohttp.ClientError, HttpProcessingError, OSError, ValueError, EOFError) as problem:
            if self._was_short(problem, watch):
                raise Unable(NONE_LEFT) from problem
            error = explain(problem)
        return Look(ok=False, error=error, total_ms=watch.total(), phases=watch.phases)

    def _was_short(self, problem: BaseException, watch: Stopwatch) -> bool:
        """Whether we had no file left to open while it looked: the resolver, too, fails then, and in other words."""
        if any(getattr(one, "errno", None) in OURS for one in causes(problem)) or not spare():
            self._short_at = time.perf_counter()
        return self._short_at >= watch.began - SHORT

    async def close(self) -> None:
        await self.reach.close()


def causes(problem: BaseException) -> Iterator[BaseException]:
    """The problem and what is inside it, the innermost last."""
    known: BaseException | None = problem
    while known is not None:
        yield known
        known = getattr(known, "os_error", None) or getattr(known, "certificate_error", None) or known.__cause__


def explain(problem: BaseException) -> str:
    """What went wrong, in a few words for staff."""
    for inner in reversed(list(causes(problem))):
        found = _words(inner)
        if found:
            return found
    return say(reasons.OTHER, detail=f"{type(problem).__name__}: {problem}")


def _words(problem: BaseException) -> str | None:
    return next((words(problem) for kinds, words in IN_WORDS if isinstance(problem, kinds)), None)


def _certificate(problem: Any) -> str:
    return CERTIFICATES.get(problem.verify_code) or say(reasons.UNTRUSTED, detail=problem.verify_message)


def _name(problem: Any) -> str:
    unknown = problem.errno in (socket.EAI_NONAME, socket.EAI_NODATA)
    return reasons.UNKNOWN_NAME if unknown else reasons.NO_RESOLVER


def _http(problem: Any) -> str:
    """aiohttp tells these apart by its messages alone."""
    message = problem.message.lower()
    if "not enough data" in message:
        return reasons.CUT_OFF
    return reasons.HEAD_TOO_LONG if "too many" in message or "more than" in message else reasons.BROKEN_ANSWER


# The first that fits: the narrow ones stand before the wide ones.
IN_WORDS: tuple[tuple[Any, Callable[[Any], str | None]], ...] = (
    ((Failed, guard.NotAllowed), str),
    (ssl.SSLCertVerificationError, _certificate),
    (ssl.SSLError, lambda problem: say(reasons.BROKEN_TLS, detail=problem.reason or "?")),
    (socket.gaierror, _name),
    ((aiohttp.ServerDisconnectedError, asyncio.IncompleteReadError), lambda _: reasons.HUNG_UP),
    ((aiohttp.ClientResponseError, HttpProcessingError), _http),
    (aiohttp.ClientPayloadError, lambda _: reasons.CUT_OFF),
    (OSError, lambda problem: ERRNOS.get(problem.errno or 0)),
)
