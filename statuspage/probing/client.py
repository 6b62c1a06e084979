"""Looks at targets over the network: HTTP and TCP, each under a hard deadline, never at a forbidden address."""

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from statuspage.probing import guard
from statuspage.probing.rules import Answer, Kind, Look, Target, address_of, judge

BODY_CAP = 256 * 1024
IN_WORDS = {
    errno.ECONNREFUSED: "connection refused",
    errno.ECONNRESET: "connection reset",
    errno.EHOSTUNREACH: "no way to the host",
    errno.ENETUNREACH: "no way to the network",
}
AGENT = "statuspage-probe/1"


class GuardedResolver(AbstractResolver):
    """Resolves names to allowed addresses alone; aiohttp connects to just these, so none can be swapped later."""

    def __init__(self, allow: tuple[guard.Network, ...]) -> None:
        self.allow = allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        allowed = [one for one in found if guard.is_allowed(str(one[4][0]), self.allow)]
        if not allowed:
            raise guard.NotAllowed(f"{host} stands for private or special addresses alone")
        return [
            ResolveResult(
                hostname=host, host=str(one[4][0]), port=port, family=one[0], proto=one[2], flags=socket.AI_NUMERICHOST
            )
            for one in allowed
        ]

    async def close(self) -> None:
        """Nothing is held open."""


class Looker:
    """Looks at targets from one event loop."""

    def __init__(self, allow: tuple[guard.Network, ...] = ()) -> None:
        self.allow = allow
        self.resolver = GuardedResolver(allow)
        self._session: aiohttp.ClientSession | None = None
        self._kinds: dict[Kind, Callable[[Target], Coroutine[Any, Any, Look]]] = {
            Kind.HTTP: self._http,
            Kind.TCP: self._tcp,
        }

    async def look(self, target: Target) -> Look:
        """One look; whatever goes wrong is what it saw. Never takes longer than the target's timeout."""
        started = time.perf_counter()
        try:
            async with asyncio.timeout(target.timeout):
                guard.check_host(address_of(target.kind, target.address)[0], self.allow)
                return await self._kinds[target.kind](target)
        except TimeoutError:
            error = f"no answer within {target.timeout:g} s"
        except (aiohttp.ClientError, OSError, ValueError, guard.NotAllowed, EOFError) as problem:
            error = explain(problem)
        return Look(ok=False, error=error, total_ms=_since(started))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _http(self, target: Target) -> Look:
        marks = {"start": time.perf_counter()}
        async with self._web().get(target.address, allow_redirects=False, trace_request_ctx=marks) as response:
            marks["first_byte"] = time.perf_counter()
            body = await _capped(response)
            text = body.decode(response.get_encoding() if response.charset else "utf-8", "replace")
            return judge(Answer(response.status, text, _since(marks["start"]), _phases(marks)), target.expect)

    async def _tcp(self, target: Target) -> Look:
        host, port = address_of(target.kind, target.address)
        started = time.perf_counter()
        addresses = await self.resolver.resolve(host, port)
        found = _since(started)
        _, writer = await asyncio.open_connection(addresses[0]["host"], port)
        writer.close()
        slow = target.expect.get("slow_ms")
        total = _since(started)
        degraded = bool(slow) and total > float(slow or 0)
        return Look(ok=True, degraded=degraded, total_ms=total, phases={"dns": found, "connect": total - found})

    def _web(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                # A new connection each time: a kept one would say nothing about whether others can connect.
                connector=aiohttp.TCPConnector(
                    limit=0, force_close=True, use_dns_cache=False, resolver=self.resolver, enable_cleanup_closed=False
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
                trust_env=False,
                auto_decompress=False,  # a compressed bomb stays compressed
                trace_configs=[_trace()],
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._session


async def _capped(response: aiohttp.ClientResponse) -> bytes:
    """The beginning of the body; the rest is not waited for."""
    body = bytearray()
    async for chunk in response.content.iter_chunked(16 * 1024):
        body += chunk
        if len(body) >= BODY_CAP:
            break
    return bytes(body[:BODY_CAP])


def _trace() -> aiohttp.TraceConfig:
    trace = aiohttp.TraceConfig()
    for name, signal in (
        ("dns_start", trace.on_dns_resolvehost_start),
        ("dns_end", trace.on_dns_resolvehost_end),
        ("connected", trace.on_connection_create_end),
    ):
        signal.append(_marker(name))
    return trace


def _marker(name: str) -> Any:
    async def mark(session: Any, context: Any, parameters: Any) -> None:
        context.trace_request_ctx[name] = time.perf_counter()

    return mark


def _phases(marks: Mapping[str, float]) -> dict[str, float]:
    """Milliseconds of name look-up, connecting (with TLS), and waiting for the first byte."""
    pairs = {
        "dns": ("dns_start", "dns_end"),
        "connect": ("dns_end" if "dns_end" in marks else "start", "connected"),
        "first_byte": ("connected", "first_byte"),
    }
    return {
        name: round((marks[end] - marks[begin]) * 1000, 2)
        for name, (begin, end) in pairs.items()
        if begin in marks and end in marks
    }


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 2)


def explain(problem: BaseException) -> str:
    """What went wrong, in a few words for staff."""
    inner = getattr(problem, "os_error", None) or problem
    if isinstance(inner, socket.gaierror):
        return "the name is not known"
    if isinstance(inner, aiohttp.ServerDisconnectedError):
        return "the connection was closed before an answer"
    return IN_WORDS.get(getattr(inner, "errno", None) or 0) or f"{type(inner).__name__}: {inner}"[:300]
