"""Which panel an account is on: every day, months, edges, gaps, and days that do not exist."""

from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from statuspage.panels.rules import Created
from statuspage.public.which_panel import Kind, answer, answer_for
from statuspage.web.site import Site


@dataclass(frozen=True)
class Window:
    name: str
    accounts_from: date | None
    accounts_until: date | None


A = Window("a", None, date(2019, 11, 17))
B = Window("b", date(2019, 11, 18), date(2020, 8, 26))
C = Window("c", date(2020, 8, 27), date(2021, 3, 10))
D = Window("d", date(2021, 3, 11), None)
PANELS = (A, B, C, D)
TODAY = date(2022, 12, 31)
DAYS = [date(2018, 1, 1) + timedelta(days=i) for i in range(5 * 365 + 1)]
# Made up: nothing before 2015, a hole in March 2018, nothing after 2019.
HOLED = (
    Window("x", date(2015, 1, 1), date(2018, 3, 9)),
    Window("y", date(2018, 3, 20), date(2019, 12, 31)),
)


def expected(day: date) -> Window:
    if day <= date(2019, 11, 17):
        return A
    if day <= date(2020, 8, 26):
        return B
    return C if day <= date(2021, 3, 10) else D


def test_every_day_of_five_years_has_its_panel() -> None:
    assert DAYS[-1] == date(2022, 12, 31)
    for day in DAYS:
        found = answer(day.isoformat(), PANELS, TODAY)
        assert (found.kind, found.panels) == (Kind.ONE, (expected(day),)), day


@pytest.mark.parametrize(
    ("words", "names"),
    [("2019-11", "ab"), ("2020-08", "bc"), ("2021-03", "cd"), ("2020-01", "b"), ("2005-01", "a"), ("2022-02", "d")],
)
def test_a_month_names_each_panel_it_touches_in_order(words: str, names: str) -> None:
    assert "".join(one.name for one in answer(words, PANELS, TODAY).panels) == names


def test_a_month_says_which_of_its_days_belong_to_which_panel() -> None:
    stretches = answer("2020-08", PANELS, TODAY).stretches
    assert [(one.first.day, one.last.day, one.panel) for one in stretches] == [(1, 26, B), (27, 31, C)]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("2014-12-31", Kind.NONE),
        ("2015-01-01", Kind.ONE),
        ("2018-03-09", Kind.ONE),
        ("2018-03-10", Kind.NONE),
        ("2018-03-19", Kind.NONE),
        ("2018-03-20", Kind.ONE),
        ("2018-03", Kind.SEVERAL),
        ("2020-01-01", Kind.NONE),
        ("2014-12", Kind.NONE),
        ("2019-12", Kind.ONE),
    ],
)
def test_gaps_and_closed_ends_get_an_answer_of_their_own(words: str, kind: Kind) -> None:
    assert answer(words, HOLED, TODAY).kind is kind


def test_a_month_over_a_gap_names_the_days_that_nobody_has() -> None:
    gaps = answer("2018-03", HOLED, TODAY).gaps
    assert [(one.first, one.last) for one in gaps] == [(date(2018, 3, 10), date(2018, 3, 19))]


def test_tomorrow_is_still_to_come_and_of_this_month_only_the_days_so_far_count() -> None:
    today = date(2021, 3, 10)
    assert answer("2021-03-10", PANELS, today).panels == (C,)
    assert answer("2021-03-11", PANELS, today).kind is Kind.FUTURE
    assert answer("2021-04", PANELS, today).kind is Kind.FUTURE
    assert answer("2021-03", PANELS, today).panels == (C,)


@pytest.mark.parametrize(
    "words",
    ["2021-02-29", "2021-02-30", "2021-13-01", "2021-00", "0000-01-01", "21-03-10", "10.03.2021", "x", "2021-3-1", "²"],
)
def test_days_that_do_not_exist_are_named_as_such(words: str) -> None:
    assert answer(words, PANELS, TODAY).kind is Kind.NO_SUCH_DAY


@given(st.dates(date(2014, 1, 1), date(2021, 1, 1)), st.integers(0, 60))
def test_the_stretches_cover_the_asked_days_once_and_in_order(first: date, length: int) -> None:
    found = answer_for(Created(first, first + timedelta(days=length)), HOLED, TODAY).stretches
    days = [one.first + timedelta(days=i) for one in found for i in range((one.last - one.first).days + 1)]
    assert days == [first + timedelta(days=i) for i in range(length + 1)]


def told(client: FlaskClient, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    (found,) = html.document_fromstring(response.text).xpath("//*[@id='answer']")
    return " ".join(found.text_content().split()).replace("\u00a0", " ")


def test_the_answer_says_panel_state_estimate_and_what_to_do(scene: Site, client: FlaskClient) -> None:
    words = told(client, "/which-panel/?created=2020-09-15")
    assert "Panel C nie działa." in words
    assert "poniedziałek 22 marca" in words
    assert "według dostawcy serwerów" in words
    assert "(15 → 19 → 22 marca)" in words
    assert "Otwórz konto tymczasowe" in words
    assert "Panel A" not in words


def test_the_answer_says_up_to_when_the_data_reaches_and_what_is_missing(scene: Site, client: FlaskClient) -> None:
    words = told(client, "/en/which-panel/?created=2019-11-17")
    assert "Panel A" in words
    assert "Tuesday 9 March, 00:00 CET, give or take 2 hours" in words
    assert "to Thursday 11 March, 13:30 CET is missing" in words


def test_whoever_may_have_a_temporary_account_is_told_to_look_up_the_original(scene: Site, client: FlaskClient) -> None:
    assert "temporary account" in told(client, "/en/which-panel/?created=2021-03-15")
    assert "temporary account" not in told(client, "/en/which-panel/?created=2019-03-15")


def test_a_day_that_does_not_exist_is_refused_with_a_clear_message(scene: Site, client: FlaskClient) -> None:
    assert "no such day" in told(client, "/en/which-panel/?created=2021-02-30", 400)
    assert "Nie ma takiego dnia" in told(client, "/which-panel/?created=30.02", 400)
    assert "<script>" not in client.get("/which-panel/?created=<script>x</script>").text


def test_a_future_day_and_an_empty_question_have_their_own_answers(scene: Site, client: FlaskClient) -> None:
    assert "still to come" in told(client, "/en/which-panel/?created=2021-03-23")
    empty = client.get("/en/which-panel/?created=")
    assert empty.status_code == 200
    assert 'id="answer"' not in empty.text
    assert "Panel C is down." in empty.text


def test_the_plain_page_lists_all_windows_without_any_question(scene: Site, client: FlaskClient) -> None:
    listing = client.get("/which-panel/").text.replace("\u00a0", " ")
    assert "konta założone od 27 sierpnia 2020 r. do 10 marca 2021 r." in listing
    assert listing.count('class="answer ') == 4
