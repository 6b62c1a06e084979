"""Many newcomers at once: each with a connection of its own, all asking in the same moment."""

import asyncio
from dataclasses import dataclass

from statuspage.publishing.pages import etag_of

ASK = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"


@dataclass(frozen=True)
class Heard:
    """What one of them got."""

    status: int
    body: bytes
    is_whole: bool


async def _come(port: int, patience: float) -> Heard:
    """Ask once; knock again where nobody listens yet."""
    deadline = asyncio.get_running_loop().time() + patience
    while True:
        try:
            return await asyncio.wait_for(_ask(port), patience)
        except ConnectionError:
            if asyncio.get_running_loop().time() > deadline:
                raise
            await asyncio.sleep(0.05)


async def _ask(port: int) -> Heard:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(ASK)
        await writer.drain()
        answer = await reader.read()
    finally:
        writer.close()
    if not answer:
        raise ConnectionResetError
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode().lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    whole = len(body) == int(headers["content-length"]) and headers.get("etag") == f'"{etag_of(body)}"'
    return Heard(int(first.split()[1]), body, whole)


def come(port: int, people: int = 512, patience: float = 30.0) -> list[Heard]:
    """What so many heard, who all came at once."""

    async def all_of_them() -> list[Heard]:
        return await asyncio.gather(*(_come(port, patience) for _ in range(people)))

    return asyncio.run(all_of_them())
