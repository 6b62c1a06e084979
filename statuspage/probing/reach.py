"""Reaches targets: looks names up, connects to allowed addresses alone, and takes the time of each phase."""

import asyncio
import errno
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from contextvars import ContextVar
from ipaddress import ip_address
from typing import Any

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from statuspage.probing import guard
from statuspage.probing.reasons import ALL_PRIVATE, say

AGENT = "statuspage-probe/1"
HEADER_BYTES = 16 * 1024
HEADERS = 128
FEW = 32
Found = tuple[socket.AddressFamily, int, int, str, Any]
Lookup = Callable[[str, int], Awaitable[Sequence[Found]]]


class Stopwatch:
    """The time of one look: milliseconds in all, and of each phase as they follow one another."""

    def __init__(self) -> None:
        self.began = self.last = time.perf_counter()
        self.phases: dict[str, float] = {}
        self.tls: ssl.SSLObject | None = None

    def lap(self, name: str) -> None:
        """The phase that ends here; a second one of its name (after a redirect) is added."""
        now = time.perf_counter()
        self.phases[name] = round(self.phases.get(name, 0.0) + (now - self.last) * 1000, 2)
        self.last = now

    def total(self) -> float:
        return round((time.perf_counter() - self.began) * 1000, 2)


# aiohttp and asyncio do the connecting for us: whose time it is they carry along in the context of the task.
STOPWATCH: ContextVar[Stopwatch] = ContextVar("stopwatch")


class TimedContext(ssl.SSLContext):
    """Verifies as browsers do; notes when the handshake begins and keeps what it will know of the certificate."""

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        made = super().wrap_bio(*args, **options)
        watch = STOPWATCH.get(None)
        if watch is not None:
            watch.lap("connect")
            watch.tls = made
        return made


class Unable(Exception):
    """This machine could not look at all, which says nothing about the target."""


def spare() -> bool:
    """Whether this process could open some more files. One alone may be free again since the resolver lacked it."""
    with ExitStack() as opened:
        try:
            for _ in range(FEW):
                opened.enter_context(socket.socket())
        except OSError:
            return False
    return True


async def look_up(host: str, port: int) -> Sequence[Found]:
    """What the machine's resolver says. Raises `Unable` when time is up before it was even asked."""
    asked = False

    def ask() -> Sequence[Found]:
        nonlocal asked
        asked = True
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as problem:
            # It says that no name is known, or something is busy, when it could not even open the file of names.
            raise problem if spare() else OSError(errno.EMFILE, "no file left to look names up") from None

    try:
        return await asyncio.get_running_loop().run_in_executor(None, ask)
    except asyncio.CancelledError:
        if asked:
            raise
        raise Unable("too many names are being looked up at once") from None


class GuardedResolver(AbstractResolver):
    """Resolves names to allowed addresses alone; aiohttp connects to just these, so none can be swapped later."""

    def __init__(self, allow: tuple[guard.Network, ...], lookup: Lookup) -> None:
        self.allow = allow
        self.lookup = lookup

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self.lookup(host, port)
        watch = STOPWATCH.get(None)
        if watch is not None:
            watch.lap("dns")
        allowed = [one for one in found if guard.is_allowed(str(one[4][0]), self.allow)]
        if not allowed:
            raise guard.NotAllowed(say(ALL_PRIVATE, host=host))
        return [
            ResolveResult(
                hostname=host, host=str(one[4][0]), port=port, family=one[0], proto=one[2], flags=socket.AI_NUMERICHOST
            )
            for one in allowed
        ]

    async def close(self) -> None:
        """Nothing is held open."""


class Reach:
    """What the kinds of probes reach the network with, from one event loop."""

    def __init__(self, allow: tuple[guard.Network, ...] = (), lookup: Lookup = look_up) -> None:
        self.allow = allow
        self.resolver = GuardedResolver(allow, lookup)
        self.trust = TimedContext(ssl.PROTOCOL_TLS_CLIENT)
        self.trust.load_default_certs()
        self._web: aiohttp.ClientSession | None = None

    async def addresses(self, host: str, port: int = 0) -> list[str]:
        """The allowed addresses of a host, a name or a literal one. Raises `NotAllowed`."""
        guard.check_host(host, self.allow)
        try:
            return [str(ip_address(host))]
        except ValueError:
            return [found["host"] for found in await self.resolver.resolve(host, port)]

    async def connect(
        self, host: str, port: int, watch: Stopwatch, *, tls: bool = False
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to the first address that takes one, encrypted for the host's name if so wanted."""
        plain = await self._first(await self.addresses(host, port), port)
        if not tls:
            watch.lap("connect")
            return await asyncio.open_connection(sock=plain)
        try:
            streams = await asyncio.open_connection(sock=plain, ssl=self.trust, server_hostname=host)
        finally:
            watch.lap("tls")
        return streams

    async def _first(self, addresses: list[str], port: int) -> socket.socket:
        for address in addresses[:-1]:
            try:
                return await self._plain(address, port)
            except OSError:
                continue
        return await self._plain(addresses[-1], port)

    async def _plain(self, address: str, port: int) -> socket.socket:
        made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        try:
            guard.check_address(address, self.allow)
            made.settimeout(0)
            await asyncio.get_running_loop().sock_connect(made, (address, port))
        except BaseException:
            made.close()
            raise
        return made

    def web(self) -> aiohttp.ClientSession:
        """For HTTP: nothing is kept, followed, unpacked or taken from the environment by itself."""
        if self._web is None:
            self._web = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    # A new connection each time: a kept one would say nothing about whether others can connect.
                    force_close=True,
                    limit=0,
                    use_dns_cache=False,
                    resolver=self.resolver,
                    socket_factory=self._checked,
                    ssl=self.trust,
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": AGENT, "Accept-Encoding": "identity"},
                trust_env=False,
                auto_decompress=False,  # a compressed bomb stays compressed
                max_headers=HEADERS,
                max_line_size=HEADER_BYTES,
                max_field_size=HEADER_BYTES,
                read_bufsize=64 * 1024,
                trace_configs=[_trace()],
                timeout=aiohttp.ClientTimeout(total=None),
            )
        return self._web

    def _checked(self, address: Any) -> socket.socket:
        """The last look before aiohttp connects: literal addresses never pass its resolver."""
        family, kind, protocol, _, where = address
        guard.check_address(str(where[0]), self.allow)
        return socket.socket(family, kind, protocol)

    async def close(self) -> None:
        if self._web is not None:
            await self._web.close()


def _trace() -> aiohttp.TraceConfig:
    async def connected(session: Any, context: Any, parameters: Any) -> None:
        watch = STOPWATCH.get(None)
        if watch is not None:
            watch.lap("tls" if "connect" in watch.phases and watch.tls is not None else "connect")

    trace = aiohttp.TraceConfig()
    trace.on_connection_create_end.append(connected)
    return trace
