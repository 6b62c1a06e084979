"""A port that takes a connection, says something, or answers what is sent."""

import socket

import pytest

from statuspage.probing.kinds.tcp import MOST, as_bytes
from statuspage.probing.rules import Kind, Look, Target
from tests.probing.farm import once, saying
from tests.probing.looks import look


def asked(port: int, timeout: float = 1, **expect: object) -> Look:
    return look(Target(Kind.TCP, f"127.0.0.1:{port}", timeout, expect))[0]


def test_what_is_sent_is_answered_as_expected() -> None:
    heard: list[bytes] = []
    with saying(once(b"+PO"), hears=heard) as port:
        seen = asked(port, send=r"PING\r\n", answer="+PO")
    assert seen.ok
    assert heard == [b"PING\r\n"]
    assert list(seen.phases) == ["connect", "first_byte"]


def test_an_answer_in_pieces_is_put_together() -> None:
    def pieces(line: socket.socket) -> None:
        line.sendall(b"220 we")
        line.sendall(b"lcome\r\n")

    with saying(pieces) as port:
        assert asked(port, send="x", answer="welcome").ok


def test_another_answer_and_too_long_a_one_are_down() -> None:
    with saying(once(b"-ERR\r\n")) as port:
        assert asked(port, send="x", answer="+PONG").error == "the answer lacks '+PONG'"
    with saying(once(b"x" * MOST * 8)) as port:
        assert asked(port, send="x", answer="+PONG").error == "the answer lacks '+PONG'"


def test_silence_ends_at_the_deadline() -> None:
    with saying(lambda line: line.recv(1) and None) as port:
        assert asked(port, 0.2, send="x", answer="y").error == "no answer within 0.2 s"


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        (r"a\r\n\t", b"a\r\n\t"),
        (r"\x00\xfF\0", b"\0\xff\0"),
        (r"\\n", rb"\n"),
        ("żółw", "żółw".encode()),
        (r"\q", rb"\q"),
    ],
)
def test_what_is_typed_is_sent_as_bytes(typed: str, sent: bytes) -> None:
    assert as_bytes(typed) == sent
