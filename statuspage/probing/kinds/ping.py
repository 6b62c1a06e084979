"""Ping: an ICMP echo without privileges; where ICMP is not allowed, a connection to a port that is set for it."""

import asyncio
import os
import socket
import struct
from collections.abc import Iterator, Mapping
from typing import Any

from statuspage.errors import FieldError
from statuspage.i18n import noop
from statuspage.probing import guard
from statuspage.probing.kinds.shape import seen, whole
from statuspage.probing.reach import Reach, Stopwatch
from statuspage.probing.reasons import NO_ICMP, failed
from statuspage.probing.rules import Look, Target

SETTINGS: tuple[str, ...] = ("port", "slow_ms")
NO_HOST = noop("Give a host or an address, like panel.example.com.")
ECHO_4, REPLY_4, ECHO_6, REPLY_6 = 8, 0, 128, 129
HEAD = struct.Struct("!BBHHH")


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    try:
        guard.check_host(target, guard.EVERYWHERE)
    except guard.NotAllowed:
        yield FieldError("/target", NO_HOST)
    yield from whole(expect, "port", 1, 65_535)
    yield from whole(expect, "slow_ms", 1, 600_000)


def hosts(target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [("/target", target)]


async def look(target: Target, reach: Reach, watch: Stopwatch) -> Look:
    address = (await reach.addresses(target.address))[0]
    try:
        line = icmp(address)
    except PermissionError:
        port = target.expect.get("port")
        if not port:
            raise failed(NO_ICMP) from None
        _, writer = await reach.connect(address, port, watch)
        writer.transport.abort()
        return seen(watch, target.expect)
    await echo(line, address, watch)
    return seen(watch, target.expect)


def icmp(address: str) -> socket.socket:
    """A socket for echoes. Raises PermissionError where `net.ipv4.ping_group_range` leaves us out."""
    if ":" in address:
        return socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6)
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)


async def echo(line: socket.socket, address: str, watch: Stopwatch) -> None:
    with line:
        # The loop's own connect would look the address up, and knows no ICMP there; on datagrams it takes no time.
        line.connect((address, 0))
        await exchange(line, address, watch)


async def exchange(line: socket.socket, address: str, watch: Stopwatch) -> None:
    """Send one echo and wait for its reply; the kernel fills in who we are."""
    sent, awaited = (ECHO_6, REPLY_6) if ":" in address else (ECHO_4, REPLY_4)
    loop = asyncio.get_running_loop()
    mark = os.urandom(16)
    line.settimeout(0)
    await loop.sock_sendall(line, checked(HEAD.pack(sent, 0, 0, 0, 1) + mark))
    while True:
        reply = await loop.sock_recv(line, 1024)
        if reply[:1] == bytes([awaited]) and reply[HEAD.size :] == mark:
            watch.lap("first_byte")
            return


def checked(packet: bytes) -> bytes:
    """With the Internet checksum of RFC 1071 filled in."""
    total = sum(struct.unpack(f"!{len(packet) // 2}H", packet))
    total = (total >> 16) + (total & 0xFFFF)
    return packet[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + packet[4:]
