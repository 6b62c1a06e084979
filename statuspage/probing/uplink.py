"""Knows whether it is our own network that fails: when most looks fail at once, reference targets are asked."""

import asyncio
from collections.abc import Iterable
from datetime import datetime

from statuspage.probing import guard
from statuspage.probing.client import Looker
from statuspage.probing.rules import Kind, Look, Tally, Target

PATIENCE = 3.0
ANY_ANSWER = {"statuses": "100-599"}


class Uplink:
    """Our own way to the network; lives in the loop of the prober."""

    def __init__(self, references: Iterable[str]) -> None:
        # Who runs the site named these addresses, so they may be private.
        self.looker = Looker(guard.networks(["on"]))
        self.references = [reference(words) for words in references]
        self.tally = Tally()
        self.impaired_from: datetime | None = None
        self._asking: asyncio.Task[bool] | None = None

    async def bears_out(self, at: datetime, *, ok: bool) -> bool:
        """Whether a look begun at `at` says something about its target: a failure in a cut of our own does not.

        Without references nobody can tell, and the failure stands: a fire looks just like that.
        """
        self.tally.note(at, ok=ok)
        if ok or not self.references:
            return True
        was_cut = self.impaired_from is not None
        if not was_cut and not self.tally.most_failed(at):
            return True
        if await self.works():
            return not was_cut  # it began while we were cut off, whenever it ended
        self.impaired_from = self.impaired_from or at
        return False

    async def works(self) -> bool:
        """Whether any reference answers; asked once for all who want to know at the same time."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        works = await self._asking
        if works:
            self.impaired_from = None
        return works

    async def close(self) -> None:
        await self.looker.close()

    async def _ask(self) -> bool:
        answers = await asyncio.gather(*map(self.looker.look, self.references), return_exceptions=True)
        return any(isinstance(one, Look) and one.ok for one in answers)


def reference(words: str) -> Target:
    """`host:port` must take a connection, a web address give any answer."""
    if words.startswith(("http://", "https://")):
        return Target(Kind.HTTP, words, PATIENCE, ANY_ANSWER)
    return Target(Kind.TCP, words, PATIENCE)
