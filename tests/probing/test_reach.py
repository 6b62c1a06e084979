"""However a target is led to an address, a probe connects only where it may."""

import socket
from collections.abc import Iterator, Sequence

import pytest

from statuspage.probing import guard
from statuspage.probing.reach import Found
from statuspage.probing.rules import Kind, Target
from tests.probing.farm import answer, once, saying
from tests.probing.looks import HERE, http, look
from tests.probing.targets import Fake, fake_panel

HERE_ONLY = guard.networks(["127.0.0.1/32"])


@pytest.fixture
def panel() -> Iterator[Fake]:
    with fake_panel() as fake:
        yield fake


class Flips:
    """A name server that changes its mind: each look-up gets the next of its answers, then the last for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def __call__(self, host: str, port: int) -> Sequence[Found]:
        found = self.answers[min(self.asked, len(self.answers) - 1)]
        self.asked += 1
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in found
        ]


@pytest.mark.parametrize("kind", ["http", "tcp", "tls", "ping"])
def test_a_name_that_stands_for_loopback_is_never_connected_to(panel: Fake, kind: str) -> None:
    target = http(f"http://evil.example:{panel.port}/") if kind == "http" else tcp_like(Kind(kind), panel.port)
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "64:ff9b::7f00:1"):
        (seen,) = look(target, allow=(), lookup=Flips([address]))
        assert seen.error == "evil.example stands for private or special addresses alone"
    assert panel.asked == 0


def tcp_like(kind: Kind, port: int) -> Target:
    if kind is Kind.PING:
        return Target(kind, "evil.example", 2, {"port": port})
    return Target(kind, f"evil.example:{port}", 2)


def test_the_address_that_was_checked_is_the_one_connected_to(panel: Fake) -> None:
    """First the allowed one, then a forbidden one: a second look-up would be caught out."""
    flips = Flips(["127.0.0.1"], ["127.0.0.2"])
    (seen,) = look(http(f"http://evil.example:{panel.port}/"), allow=HERE_ONLY, lookup=flips)
    assert seen.ok
    assert flips.asked == 1
    (turned,) = look(http(f"http://evil.example:{panel.port}/"), allow=HERE_ONLY, lookup=flips)
    assert "private" in (turned.error or "")
    assert panel.asked == 1


def test_first_a_public_address_then_loopback_leads_nowhere(panel: Fake) -> None:
    """The redirect back to the same name looks it up again, and meets the guard again."""
    away = answer(b"", f"Location: http://evil.example:{panel.port}/", status="302 Found")
    flips = Flips(["127.0.0.2"], ["127.0.0.1"])
    with saying(once(away), host="127.0.0.2") as port:
        target = http(f"http://evil.example:{port}/", redirects="any")
        (seen,) = look(target, allow=guard.networks(["127.0.0.2/32"]), lookup=flips)
    assert (flips.asked, seen.error) == (2, "evil.example stands for private or special addresses alone")
    assert panel.asked == 0


@pytest.mark.parametrize(
    ("location", "why"),
    [
        ("http://127.0.0.2:{port}/", "127.0.0.2 is a private or special address"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254 is a private or special address"),
        ("http://[::ffff:7f00:2]:{port}/", "is a private or special address"),
        ("http://2130706434:{port}/", "2130706434 is no plain name or address"),
        ("http://0x7f.2:{port}/", "is no plain name or address"),
        ("//127.0.0.2:{port}/x", "127.0.0.2 is a private or special address"),
        ("http://a@127.0.0.2:{port}/", "redirected to an address that cannot be read"),
        ("http://127.0.0.1:{port}\\@127.0.0.2/", "redirected to an address that cannot be read"),
        ("file:///etc/passwd", "redirected to an address that cannot be read"),
        ("gopher://127.0.0.1:{port}/", "redirected to an address that cannot be read"),
    ],
)
def test_a_redirect_to_a_forbidden_address_is_refused_in_words(panel: Fake, location: str, why: str) -> None:
    panel.status, panel.location = 302, location.format(port=panel.port)
    (seen,) = look(http(panel.url, redirects="any"), allow=HERE_ONLY)
    assert not seen.ok
    assert why in (seen.error or "")
    assert panel.asked == 1


def test_of_several_addresses_only_the_allowed_are_tried(panel: Fake) -> None:
    (seen,) = look(http(f"http://both.example:{panel.port}/"), allow=HERE_ONLY, lookup=Flips(["10.0.0.1", "127.0.0.1"]))
    assert seen.ok


def test_a_literal_address_skips_the_resolver_but_not_the_guard(panel: Fake) -> None:
    flips = Flips(["127.0.0.1"])
    (seen,) = look(http(panel.url), allow=(), lookup=flips)
    assert seen.error == "127.0.0.1 is a private or special address"
    assert (flips.asked, panel.asked) == (0, 0)


def test_a_name_server_that_is_itself_private_is_not_asked() -> None:
    (seen,) = look(Target(Kind.DNS, "panel.example.com", 2, {"resolver": "127.0.0.1:5353"}), allow=())
    assert seen.error == "127.0.0.1 is a private or special address"


def test_the_host_that_is_asked_for_stays_the_name(panel: Fake) -> None:
    heard: list[bytes] = []

    def note(line: socket.socket) -> None:
        line.sendall(answer(heard[-1]))

    with saying(note, hears=heard) as port:
        (seen,) = look(http(f"http://panel.example:{port}/"), allow=HERE, lookup=Flips(["127.0.0.1"]))
    assert seen.ok
    assert f"Host: panel.example:{port}".encode() in heard[0]
