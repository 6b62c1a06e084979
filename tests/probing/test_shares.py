"""Which worker looks at which probe, and which looks count."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import update

from statuspage import clock
from statuspage.db import transaction
from statuspage.leases.models import Lease
from statuspage.probing import shares as module
from statuspage.probing.rules import Look
from statuspage.probing.shares import SHARES, Shares
from statuspage.probing.turns import Seen
from tests.probing.cases import START

pytestmark = pytest.mark.usefixtures("app")
PROBES = range(1, 101)


@pytest.fixture(autouse=True)
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody beats here, and a slow disk is no pause."""
    monkeypatch.setattr(module, "PAUSE", 600.0)


def own(*workers: Shares) -> list[set[int]]:
    return [{number for number in PROBES if one.fence(number) is not None} for one in workers]


def rounds(*workers: Shares, times: int = 4) -> None:
    for _ in range(times):
        for one in workers:
            one.renew()


def seen(worker: Shares, *probes: int) -> list[Seen]:
    """Looks that begin now."""
    return [Seen(number, 0, START, Look(ok=True), worker.fence(number)) for number in probes]


def counted(worker: Shares, looks: Sequence[Seen]) -> list[int]:
    with transaction(quiet=True) as session:
        return [one.probe_id for one in worker.still_mine(session, looks)]


def run_out() -> None:
    with transaction(quiet=True) as session:
        session.execute(update(Lease).values(expires_at=clock.wall() - timedelta(seconds=1)))


def sleep_through(worker: Shares) -> None:
    """As if this process had been stopped for a while."""
    worker._beat_at -= module.PAUSE + 1


def test_a_worker_alone_has_all_at_once_and_several_have_fair_parts_that_do_not_overlap() -> None:
    one, two, three = Shares("one"), Shares("two"), Shares("three")
    assert own(one) == [set()]
    one.renew()
    assert own(one) == [set(PROBES)]
    rounds(one, two, three)
    found = own(one, two, three)
    assert set.union(*found) == set(PROBES)
    assert sum(map(len, found)) == len(PROBES)
    assert min(map(len, found)) >= len(PROBES) // 4
    two.resign()
    rounds(one, three)
    found = own(one, two, three)
    assert [len(part) > 0 for part in found] == [True, False, True]
    assert sum(map(len, found)) == len(PROBES)


def test_what_is_shared_out_stays_where_it_is() -> None:
    one, two = Shares("one"), Shares("two")
    rounds(one, two)
    before = own(one, two)
    looks = seen(one, *before[0])
    rounds(one, two)
    assert own(one, two) == before
    assert counted(one, looks) == sorted(before[0])


def test_a_share_changes_hands_only_when_its_looks_have_ended() -> None:
    one, two = Shares("one"), Shares("two")
    one.renew()
    looks = seen(one, *PROBES)
    for _ in range(4):
        two.renew()
        one.renew(busy=PROBES)
    assert own(two) == [set()]
    assert len(own(one)[0]) < len(PROBES), "it begins no more of what it will give"
    assert counted(one, looks) == list(PROBES)
    rounds(one, two)
    assert len(own(two)[0]) > 0
    assert set(counted(one, looks)) == own(one)[0]


def test_what_another_took_in_the_meantime_is_refused_and_the_rest_counts() -> None:
    one, two = Shares("one"), Shares("two")
    one.renew()
    looks = seen(one, *PROBES)
    run_out()
    two.renew()
    assert counted(one, looks) == []
    assert counted(two, seen(two, 1, 2)) == [1, 2]


def test_results_that_waited_for_the_database_count_while_nobody_took_their_share() -> None:
    one = Shares("one")
    one.renew()
    looks = seen(one, 1)
    one._until = 0.0
    run_out()
    assert one.fence(1) is None, "it cannot know whether the probe is still its own"
    assert counted(one, looks) == [1]
    one.renew()
    assert counted(one, looks) == [1]


def test_after_a_pause_nothing_begun_before_it_counts_although_nobody_took_over() -> None:
    alone = Shares("alone")
    alone.renew()
    looks = seen(alone, 1, 2)
    sleep_through(alone)
    assert alone.fence(1) is None
    assert counted(alone, looks) == []
    alone.renew()
    assert own(alone) == [set(PROBES)]
    assert counted(alone, looks) == []
    assert counted(alone, seen(alone, 1, 2)) == [1, 2]


def test_who_is_cut_off_holds_nothing_until_it_sees_again() -> None:
    one, two = Shares("one"), Shares("two")
    rounds(one, two)
    assert one.others_see
    assert two.others_see
    one.sees = False
    rounds(one, two)
    assert own(one, two) == [set(), set(PROBES)]
    assert one.others_see
    assert not two.others_see
    two.sees = False
    rounds(one, two)
    assert own(one, two) == [set(), set()]
    assert not one.others_see, "now the site is blind"
    one.sees = two.sees = True
    rounds(one, two)
    assert {len(part) > SHARES for part in own(one, two)} == {True}


def test_more_workers_than_shares_do_no_harm() -> None:
    many = [Shares(f"{number:02}") for number in range(SHARES + 3)]
    rounds(*many, times=4)
    found = own(*many)
    assert sum(map(len, found)) == len(PROBES)
    assert sum(not part for part in found) == 3
