"""Promises in words: when, according to whom, how often they moved."""

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from statuspage import phrases
from statuspage.estimates.rules import Closing, Precision
from statuspage.i18n import NBSP
from statuspage.publishing.views import PromiseView
from statuspage.texts.rules import texts

WARSAW = ZoneInfo("Europe/Warsaw")
SOURCE = texts({"pl": "według dostawcy serwerów", "en": "according to the hosting provider"})


def promise(
    starts: str, ends: str | None = None, *, precision: Precision = Precision.DAY, closing: Closing | None = None
) -> PromiseView:
    begin = datetime.fromisoformat(starts).replace(tzinfo=WARSAW)
    end = datetime.fromisoformat(ends).replace(tzinfo=WARSAW) if ends else begin
    if precision is Precision.DAY:
        end = begin + timedelta(days=1)
    return PromiseView(
        uuid=UUID(int=1),
        precision=precision,
        starts_at=begin,
        ends_at=end,
        source=SOURCE,
        quote=None,
        link=None,
        confidence=None,
        said_at=begin,
        recorded_at=begin,
        closing=closing,
        closed_at=None,
    )


GONE = Closing.SUPERSEDED
SLIPPED = [promise("2021-03-15", closing=GONE), promise("2021-03-19", closing=GONE), promise("2021-03-22")]


def plain(words: str) -> str:
    return words.replace(NBSP, " ")


def test_a_date_that_slipped_twice_says_so_with_its_source() -> None:
    assert plain(phrases.expected("pl", SLIPPED, WARSAW)) == (
        "spodziewany powrót 22 marca, według dostawcy serwerów; przesunięty dwa razy (15 → 19 → 22 marca)"
    )
    assert plain(phrases.expected("en", SLIPPED, WARSAW)) == (
        "expected back on 22 March, according to the hosting provider; moved twice (15 → 19 → 22 March)"
    )


def test_the_first_promise_has_not_moved() -> None:
    said = plain(phrases.expected("en", SLIPPED[:1], WARSAW))
    assert said == "expected back on 15 March, according to the hosting provider"


def test_a_chain_across_months_names_each_month() -> None:
    chain = [promise("2021-02-26", closing=GONE), promise("2021-02-28", closing=GONE), promise("2021-03-03")]
    assert plain(phrases.arrows("pl", chain, WARSAW)) == "26 → 28 lutego → 3 marca"


def test_an_earlier_date_is_no_slip() -> None:
    assert phrases.moved("en", [promise("2021-03-22", closing=GONE), promise("2021-03-19")], WARSAW) == ""


def test_slips_are_counted_in_polish() -> None:
    chain = [promise(f"2021-03-{day}", closing=GONE) for day in range(10, 15)] + [promise("2021-03-16")]
    assert phrases.moved("pl", chain, WARSAW).startswith("przesunięty 5 razy (10 → 11")
    assert phrases.moved("pl", chain[:2], WARSAW).startswith("przesunięty raz (")


def test_what_came_before_a_closing_is_another_story() -> None:
    again = [promise("2021-03-11", closing=Closing.MET), promise("2021-03-19")]
    assert phrases.moved("en", again, WARSAW) == ""


def test_ranges_and_instants_in_words() -> None:
    several = promise("2021-03-22", "2021-03-25", precision=Precision.RANGE)
    assert plain(phrases.when("pl", several, WARSAW)) == "od 22 do 24 marca"
    assert plain(phrases.when("en", several, WARSAW)) == "between 22 and 24 March"
    afternoon = promise("2021-03-22T14:00", "2021-03-22T18:00", precision=Precision.RANGE)
    assert plain(phrases.when("en", afternoon, WARSAW)) == "on 22 March between 14:00 and 18:00 CET"
    exact = promise("2021-03-22T14:05", precision=Precision.INSTANT)
    assert plain(phrases.when("pl", exact, WARSAW)) == "22 marca, 14:05 CET"


def test_a_promise_within_one_day_moves_by_the_clock() -> None:
    chain = [
        promise("2021-03-22T14:00", precision=Precision.INSTANT, closing=GONE),
        promise("2021-03-22T16:00", precision=Precision.INSTANT),
    ]
    assert plain(phrases.moved("en", chain, WARSAW)) == "moved once (14:00 → 16:00 CET)"


def test_a_day_of_the_change_to_summer_time_is_one_day() -> None:
    sunday = promise("2021-03-28")
    assert plain(phrases.when("en", sunday, WARSAW)) == "on 28 March"
