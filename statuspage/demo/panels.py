"""The fake panels: small servers that answer like the story's panels until one is broken."""

import asyncio
import http.client
from collections.abc import Callable
from contextlib import suppress

from statuspage.demo.props import HOST, Prop, Props

LOOK_EVERY = 0.2
BEAT_EVERY = 1.0
PATIENCE = 2.0
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\nConnection: close\r\n\r\nWelcome\n"
BROKEN = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class FakePanel:
    """One panel: a page to log in, an API that takes connections, a heartbeat of its order import."""

    def __init__(self, prop: Prop, site: tuple[str, int]) -> None:
        self.prop = prop
        self.site = site
        self.is_broken = False
        self.page: asyncio.Server | None = None
        self.api: asyncio.Server | None = None
        self.next_beat = 0.0

    async def open(self) -> None:
        self.page = await asyncio.start_server(self._page, HOST, self.prop.web_port)
        await self.turn(is_broken=False)

    def close(self) -> None:
        for server in (self.page, self.api):
            if server is not None:
                server.close()

    async def turn(self, *, is_broken: bool) -> None:
        """Broken: the page answers 500, the API refuses connections, the heart stands still."""
        self.is_broken = is_broken
        if is_broken and self.api is not None:
            self.api.close()
            self.api = None
        elif not is_broken and self.api is None:
            self.api = await asyncio.start_server(_take, HOST, self.prop.api_port)

    async def _page(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
            writer.write(BROKEN if self.is_broken else OK)
            await writer.drain()
        writer.close()

    def beat(self) -> None:
        """Say to the status page that orders are being imported; whether it listens is its own business."""
        connection = http.client.HTTPConnection(*self.site, timeout=PATIENCE)
        with suppress(OSError, http.client.HTTPException):
            connection.request("POST", f"/api/v1/heartbeats/{self.prop.beat}", headers={"Content-Length": "0"})
            connection.getresponse().read()
        connection.close()


async def _take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


async def live(props: Props, site: tuple[str, int], is_over: Callable[[], bool] = lambda: False) -> None:
    """Serve all fake panels, and break and mend them as the file says."""
    panels = {slug: FakePanel(prop, site) for slug, prop in props.panels().items()}
    for panel in panels.values():
        await panel.open()
    loop = asyncio.get_running_loop()
    while not is_over():
        broken = props.broken()
        for slug, panel in panels.items():
            if panel.is_broken is not (slug in broken):
                await panel.turn(is_broken=slug in broken)
            if not panel.is_broken and loop.time() >= panel.next_beat:
                panel.next_beat = loop.time() + BEAT_EVERY
                loop.run_in_executor(None, panel.beat)
        await asyncio.sleep(LOOK_EVERY)
    for panel in panels.values():
        panel.close()


def serve(props: Props, site: tuple[str, int]) -> None:
    asyncio.run(live(props, site))
