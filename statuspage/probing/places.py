"""How many looks are under way at a time: at one host and port, and on this machine; who comes later waits."""

import asyncio
import resource
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

EACH = 32
WANTED = 65_536
RESERVE = 256


class Crowded(Exception):
    """There was no place before the look's time had passed, which says nothing about the target."""


class Places:
    """Hands out places; nobody's wait for one is held against the target."""

    def __init__(self) -> None:
        self.taken = 0
        # A gate lives as long as somebody is at it.
        self._gates: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def at(self, where: str, patience: float) -> AsyncIterator[None]:
        """A place at a host and port. Raises `Crowded` after so many seconds, or when this machine has none left."""
        gate = self._gates.get(where)
        if gate is None:
            gate = self._gates[where] = asyncio.Semaphore(EACH)
        await _enter(gate, where, patience)
        self.taken += 1
        try:
            if self.taken > room():
                raise Crowded("this machine allows no more open files")
            yield
        finally:
            self.taken -= 1
            gate.release()


async def _enter(gate: asyncio.Semaphore, where: str, patience: float) -> None:
    if not gate.locked():
        await gate.acquire()
        return
    try:
        async with asyncio.timeout(patience):
            await gate.acquire()
    except TimeoutError:
        raise Crowded(f"too many looks at {where} at once") from None


def room() -> int:
    """How many connections may be open: of the limit of open files a part is left for all else."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED if soft == resource.RLIM_INFINITY else soft - min(RESERVE, soft // 4)


def make_room() -> None:
    """Raise our limit of open files as far as we may: the usual 1024 are for programs with few connections."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED if hard == resource.RLIM_INFINITY else min(hard, WANTED)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
