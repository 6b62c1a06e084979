"""Looks at targets as the prober does, for tests."""

import asyncio

from statuspage.probing import guard
from statuspage.probing.client import Looker
from statuspage.probing.reach import Lookup, look_up
from statuspage.probing.rules import Kind, Look, Target

HERE = guard.networks(["127.0.0.0/8", "::1/128"])


def look(*targets: Target, allow: tuple[guard.Network, ...] = HERE, lookup: Lookup = look_up) -> list[Look]:
    async def all_at_once() -> list[Look]:
        looker = Looker(allow, lookup)
        try:
            return await asyncio.gather(*map(looker.look, targets))
        finally:
            await looker.close()

    return asyncio.run(all_at_once())


def http(address: str, timeout: float = 5, **expect: object) -> Target:
    return Target(Kind.HTTP, address, timeout, expect)
