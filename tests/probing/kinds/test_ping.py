"""A ping is an ICMP echo where that is allowed, and else a connection to the port that is set."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from statuspage.probing.kinds import ping
from statuspage.probing.reach import Stopwatch
from statuspage.probing.rules import Kind, Target
from tests.probing.looks import look
from tests.probing.targets import closed_port, fake_panel


def forbidden(address: str) -> socket.socket:
    raise PermissionError(1, "Operation not permitted")


def test_where_icmp_is_not_allowed_the_port_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ping, "icmp", forbidden)
    with fake_panel() as panel:
        open_port = Target(Kind.PING, "127.0.0.1", 2, {"port": panel.port})
        closed = Target(Kind.PING, "127.0.0.1", 2, {"port": closed_port()})
        without = Target(Kind.PING, "127.0.0.1", 2)
        answers = look(open_port, closed, without)
    assert answers[0].ok
    assert answers[1].error == "connection refused"
    assert answers[2].error == "ping is not allowed on this machine; give the probe a port to connect to instead"


@contextmanager
def echoing(*replies: bytes) -> Iterator[tuple[socket.socket, list[bytes]]]:
    """Our end of a line whose other end answers like the kernel's ICMP: `replies`, then the echo itself."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    heard: list[bytes] = []

    def answer() -> None:
        heard.append(theirs.recv(1024))
        for reply in (*replies, b"\0" + heard[0][1:]):
            theirs.send(reply)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    with ours, theirs:
        yield ours, heard
        thread.join()


def test_only_the_reply_to_our_own_echo_counts() -> None:
    with echoing(b"\3" + b"x" * 23, b"\0" + b"y" * 23) as (ours, heard):
        watch = Stopwatch()
        asyncio.run(ping.exchange(ours, "127.0.0.1", watch))
    assert "first_byte" in watch.phases
    packet = heard[0]
    assert packet[0] == ping.ECHO_4
    words = [int.from_bytes(packet[at : at + 2], "big") for at in range(0, len(packet), 2)]
    total = sum(words)
    assert (total & 0xFFFF) + (total >> 16) in (0xFFFF, 0x1FFFE)


def test_a_real_echo_where_this_machine_allows_it() -> None:
    try:
        ping.icmp("127.0.0.1").close()
    except PermissionError:
        pytest.skip("net.ipv4.ping_group_range leaves us out")
    (seen,) = look(Target(Kind.PING, "127.0.0.1", 2))
    assert seen.ok, seen.error
