"""The rules of estimates."""

from datetime import UTC, date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.estimates.rules import Closing, Precision, Said, closing_at, faults, is_overdue, slips, whole_days
from tests.scenes import at, both

WARSAW = ZoneInfo("Europe/Warsaw")
NOW = at("2021-03-18 20:15")
PROVIDER = both("według dostawcy", "according to the provider")


def day(first: date, last: date | None = None, **rest: object) -> Said:
    starts_at, ends_at = whole_days(first, last or first, WARSAW)
    return Said(Precision.RANGE if last else Precision.DAY, starts_at, ends_at, PROVIDER, **rest)


class Row:
    """One promise of a ledger, by the day of its end."""

    def __init__(self, ends: int, closing: Closing | None = None) -> None:
        self.starts_at = self.ends_at = NOW + timedelta(days=ends)
        self.closing = closing


@pytest.mark.parametrize(
    ("when", "hours"), [(date(2021, 3, 22), 24), (date(2021, 3, 28), 23), (date(2021, 10, 31), 25)]
)
def test_a_day_lasts_from_midnight_to_midnight_also_when_the_clocks_change(when: date, hours: int) -> None:
    starts_at, ends_at = whole_days(when, when, WARSAW)
    assert ends_at.astimezone(UTC) - starts_at.astimezone(UTC) == timedelta(hours=hours)
    assert faults(day(when), WARSAW, NOW) == {}


@given(st.dates(date(1990, 1, 1), date(2037, 1, 1)), st.sampled_from(["Europe/Warsaw", "America/New_York", "UTC"]))
def test_every_day_of_a_zone_is_a_day_and_an_hour_off_is_none(when: date, name: str) -> None:
    zone = ZoneInfo(name)
    starts_at, ends_at = whole_days(when, when, zone)
    whole = Said(Precision.DAY, starts_at.astimezone(UTC), ends_at.astimezone(UTC), PROVIDER)
    assert faults(whole, zone, NOW) == {}
    shifted = Said(Precision.DAY, starts_at, whole.ends_at + timedelta(hours=1), PROVIDER)
    assert list(faults(shifted, zone, NOW)) == ["/ends_at"]


def test_what_is_wrong_with_a_promise_is_said_at_its_field() -> None:
    def wrong(said: Said) -> list[str]:
        return list(faults(said, WARSAW, NOW))

    assert wrong(Said(Precision.RANGE, NOW, NOW - timedelta(days=1), PROVIDER)) == ["/ends_at"]
    assert wrong(Said(Precision.INSTANT, NOW, NOW + timedelta(minutes=1), PROVIDER)) == ["/ends_at"]
    assert wrong(Said(Precision.INSTANT, NOW, NOW, PROVIDER)) == []
    assert wrong(Said(Precision.INSTANT, NOW, NOW, both(" ", ""))) == ["/source"]
    assert wrong(day(date(2021, 3, 22), said_at=NOW + timedelta(minutes=1))) == ["/said_at"]
    assert wrong(day(date(2021, 3, 22), date(2021, 3, 24))) == []


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "//example.com", "ftp://a.b", "https://", "http://[", 'https://a.b/"x', "word"]
)
def test_a_link_that_is_no_web_address_is_refused(link: str) -> None:
    assert list(faults(day(date(2021, 3, 22), link=link), WARSAW, NOW)) == ["/link"]


def test_a_web_address_is_a_link() -> None:
    assert faults(day(date(2021, 3, 22), link="https://provider.example.com/x?y=1"), WARSAW, NOW) == {}


def test_slips_count_only_moves_to_a_later_end() -> None:
    assert slips([Row(15), Row(19), Row(22)]) == 2
    assert slips([Row(15), Row(12), Row(12)]) == 0
    assert slips([]) == 0


def test_what_slipped_before_a_closing_does_not_count_for_the_promise_after_it() -> None:
    gone = Closing.SUPERSEDED
    for closing in (Closing.MET, Closing.MISSED, Closing.WITHDRAWN):
        assert slips([Row(15, gone), Row(19, gone), Row(22, closing), Row(25)]) == 0
        assert slips([Row(15, gone), Row(19, gone), Row(22, closing), Row(25, gone), Row(26)]) == 1
        assert slips([Row(15, gone), Row(19, gone), Row(22, closing)]) == 2


def test_a_promise_is_overdue_once_its_end_has_come_and_it_is_still_open() -> None:
    assert is_overdue(Row(0), NOW)
    assert not is_overdue(Row(1), NOW)
    assert not is_overdue(Row(0, Closing.MET), NOW)


def test_back_by_the_promised_end_is_met_and_later_is_missed() -> None:
    assert closing_at(Row(0), NOW) is Closing.MET
    assert closing_at(Row(0), NOW + timedelta(seconds=1)) is Closing.MISSED
