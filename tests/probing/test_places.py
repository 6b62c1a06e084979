"""So many looks at one place at a time; whoever has to wait for it is not to blame its target."""

import asyncio
import resource
from contextlib import suppress

import pytest

from statuspage.probing import places
from statuspage.probing.places import EACH, Crowded, Places, make_room, room
from statuspage.probing.rules import Kind, Target


async def hold(found: Places, where: str, seconds: float, patience: float = 5.0) -> str:
    try:
        async with found.at(where, patience):
            await asyncio.sleep(seconds)
            return "looked"
    except Crowded as problem:
        return str(problem)


async def at_once(count: int, seconds: float, patience: float, where: str = "panel.example:443") -> list[str]:
    found = Places()
    return await asyncio.gather(*(hold(found, where, seconds, patience) for _ in range(count)))


def test_who_comes_later_waits_and_then_looks() -> None:
    assert asyncio.run(at_once(2 * EACH, 0.05, 5.0)) == ["looked"] * 2 * EACH


def test_who_waits_until_its_time_has_passed_does_not_look_and_the_next_one_finds_the_place_free() -> None:
    async def crowd() -> tuple[list[str], str]:
        found = Places()
        seen = await asyncio.gather(*(hold(found, "panel.example:443", 0.2, 0.05) for _ in range(EACH + 2)))
        assert (found.taken, len(found._gates)) == (0, 0)
        return seen, await hold(found, "panel.example:443", 0)

    seen, later = asyncio.run(crowd())
    assert seen == ["looked"] * EACH + ["too many looks at panel.example:443 at once"] * 2
    assert later == "looked"


def test_other_places_are_not_held_up() -> None:
    async def beside() -> str:
        found = Places()
        crowd = [asyncio.create_task(hold(found, "a.example:443", 1)) for _ in range(2 * EACH)]
        await asyncio.sleep(0.01)
        seen = await hold(found, "b.example:443", 0, 0.01)
        for one in crowd:
            one.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*crowd)
        return seen

    assert asyncio.run(beside()) == "looked"


def test_this_machine_keeps_some_files_for_all_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "room", lambda: 3)
    seen = asyncio.run(at_once(5, 0.05, 5.0))
    assert seen == ["looked"] * 3 + ["this machine allows no more open files"] * 2


def test_the_limit_of_open_files_is_raised_as_far_as_it_may_be() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
        assert room() == 75
        make_room()
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] == min(hard, places.WANTED)
        assert room() == min(hard, places.WANTED) - places.RESERVE
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://panel.example:8443/health?x=1", "panel.example:8443"),
        ("http://[2001:db8::1]/", "[2001:db8::1]"),
        ("mail.example:25", "mail.example:25"),
        ("panel.example", "panel.example"),
    ],
)
def test_a_place_is_a_host_and_port(address: str, place: str) -> None:
    assert Target(Kind.HTTP, address, 5).place == place
