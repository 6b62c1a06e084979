"""The headline and the other sentences, in both languages."""

from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest

from statuspage.estimates.rules import Precision
from statuspage.panels.rules import Created, Status
from statuspage.public import sentences
from statuspage.public.sentences import Standing, headline, standing, state, window
from statuspage.publishing.views import Cell, PanelView, PromiseView
from statuspage.status.rules import Source
from tests.scenes import WARSAW, at, both

KEYS = ("login",)


def panel(name: str, status: Status = Status.OPERATIONAL, login: Status = Status.OPERATIONAL) -> PanelView:
    cell = Cell(name, "login", login, None, Source.NONE, None, None)
    nothing = dict.fromkeys(
        ("since", "accounts_from", "accounts_until", "cutoff_at", "gap_from", "gap_until", "gap_closed_at", "uptime")
    )
    return PanelView(
        slug=name,
        name=both(name, name),
        description=None,
        login_url="",
        status=status,
        opens_temporary=False,
        cutoff_margin_minutes=0,
        cells=(cell,),
        bars=(),
        **nothing,
    )


def panels(*statuses: Status) -> list[PanelView]:
    return [panel(f"Panel {letter}", status) for letter, status in zip("ABCDEFGHIJKL", statuses, strict=False)]


UP, LIMITED, DOWN, SLOW = Status.OPERATIONAL, Status.PARTIAL, Status.MAJOR, Status.DEGRADED


@pytest.mark.parametrize(
    ("statuses", "polish", "english"),
    [
        ([], "Nie ma jeszcze żadnych paneli.", "There are no panels yet."),
        ([UP] * 4, "Wszystkie panele działają.", "All panels work."),
        ([DOWN] * 3, "Nie działa żaden panel.", "No panel works."),
        ([UP], "Panel A działa normalnie.", "Panel A works normally."),
        ([DOWN], "Panel A nie działa.", "Panel A is down."),
        (
            [LIMITED, LIMITED, DOWN, LIMITED],
            "Panel C nie działa. A, B i\u00a0D działają z ograniczeniami.",
            "Panel C is down. A, B and D work, with limits.",
        ),
        (
            [LIMITED, LIMITED, DOWN, UP],
            "Panel C nie działa. A i\u00a0B działają z ograniczeniami. D działa normalnie.",
            "Panel C is down. A and B work, with limits. D works normally.",
        ),
        (
            [DOWN, DOWN, UP],
            "Panele A i\u00a0B nie działają. C działa normalnie.",
            "Panels A and B are down. C works normally.",
        ),
        (
            [DOWN] + [UP] * 9,
            "Panel A nie działa. Pozostałe działają normalnie.",
            "Panel A is down. The others work normally.",
        ),
        (
            [DOWN] * 5 + [UP],
            "5 paneli nie działa. F działa normalnie.",
            "5 panels are down. F works normally.",
        ),
        (
            [SLOW, UP],
            "Panel A działa wolniej niż zwykle. B działa normalnie.",
            "Panel A works, slower than usual. B works normally.",
        ),
        (
            [Status.UNKNOWN, Status.UNDER_MAINTENANCE],
            "Brak danych: Panel A. Prace planowe: B.",
            "No data about Panel A. Planned work: B.",
        ),
    ],
)
def test_the_headline_is_made_from_the_states_of_the_panels(statuses: list[Status], polish: str, english: str) -> None:
    assert headline("pl", panels(*statuses), KEYS) == polish
    assert headline("en", panels(*statuses), KEYS) == english


def test_panels_with_names_of_their_own_keep_them_whole() -> None:
    named = [panel("Kraków", DOWN), panel("Gdańsk", DOWN), panel("Łódź")]
    assert headline("pl", named, KEYS) == "Kraków i\u00a0Gdańsk nie działają. Łódź działa normalnie."


def test_a_panel_where_only_some_can_log_in_works_in_part_not_with_limits() -> None:
    assert standing(panel("Panel C", LIMITED, login=LIMITED), KEYS) is Standing.PARTLY
    assert standing(panel("Panel C", LIMITED, login=UP), KEYS) is Standing.LIMITED


@pytest.mark.parametrize("one", list(Standing))
@pytest.mark.parametrize("count", [1, 2, 5, 22])
def test_every_standing_has_a_sentence_for_every_number_in_both_languages(one: Standing, count: int) -> None:
    polish, english = (state(locale, one, count, "ABC") for locale in ("pl", "en"))
    assert "ABC" in polish
    assert "ABC" in english
    assert polish != english
    assert polish.endswith(".")
    assert "%" not in polish + english


@pytest.mark.parametrize(
    ("count", "words"), [(1, "X nie działa."), (2, "X nie działają."), (5, "X nie działa."), (22, "X nie działają.")]
)
def test_the_polish_verb_agrees_with_the_number(count: int, words: str) -> None:
    assert state("pl", Standing.DOWN, count, "X") == words


@pytest.mark.parametrize(
    ("first", "last", "polish", "english"),
    [
        (None, None, "wszystkie konta", "all accounts"),
        (date(2021, 3, 11), None, "konta założone od 11 marca 2021 r.", "accounts created since 11 March 2021"),
        (
            None,
            date(2019, 11, 17),
            "konta założone do 17 listopada 2019 r. włącznie",
            "accounts created up to and including 17 November 2019",
        ),
        (
            date(2020, 8, 27),
            date(2021, 3, 10),
            "konta założone od 27 sierpnia 2020 r. do 10 marca 2021 r.",
            "accounts created from 27 August 2020 to 10 March 2021",
        ),
    ],
)
def test_a_window_is_told_with_its_open_ends(first: date | None, last: date | None, polish: str, english: str) -> None:
    one = replace(panel("Panel A"), accounts_from=first, accounts_until=last)
    assert window("pl", one).replace("\u00a0", " ") == polish
    assert window("en", one).replace("\u00a0", " ") == english


def promise(precision: Precision, start: str, end: str) -> PromiseView:
    said = at("2021-03-01 12:00")
    source = both("według nas", "according to us")
    return PromiseView(uuid4(), precision, at(start), at(end), source, None, None, None, said, said, None, None)


@pytest.mark.parametrize(
    ("one", "polish", "english"),
    [
        (
            promise(Precision.DAY, "2021-03-22 00:00", "2021-03-23 00:00"),
            "poniedziałek 22 marca",
            "Monday 22 March",
        ),
        (
            promise(Precision.INSTANT, "2021-03-22 16:00", "2021-03-22 16:00"),
            "poniedziałek 22 marca, 16:00 CET",
            "Monday 22 March, 16:00 CET",
        ),
        (promise(Precision.RANGE, "2021-03-24 00:00", "2021-03-27 00:00"), "24–26 marca", "24–26 March"),
        (
            promise(Precision.RANGE, "2021-03-30 00:00", "2021-04-03 00:00"),
            "30 marca – 2 kwietnia",
            "30 March – 2 April",
        ),
        (
            promise(Precision.DAY, "2021-03-28 00:00", "2021-03-29 00:00"),
            "niedziela 28 marca",
            "Sunday 28 March",
        ),
    ],
)
def test_a_promise_says_its_days_as_people_say_them(one: PromiseView, polish: str, english: str) -> None:
    assert sentences.promised("pl", WARSAW, one).replace("\u00a0", " ") == polish
    assert sentences.promised("en", WARSAW, one).replace("\u00a0", " ") == english


def test_a_named_day_or_month_stands_in_a_sentence() -> None:
    day, month = Created(date(2020, 8, 27), date(2020, 8, 27)), Created(date(2020, 8, 1), date(2020, 8, 31))
    plain = [sentences.created(locale, one).replace("\u00a0", " ") for locale in ("pl", "en") for one in (day, month)]
    assert plain == ["27 sierpnia 2020 r.", "sierpnia 2020 r.", "on 27 August 2020", "in August 2020"]
