"""Why a look failed: kept in English, read in Polish."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as some

from statuspage.probing import reasons

ALL = [value for name, value in vars(reasons).items() if name.isupper() and isinstance(value, str)]


@pytest.mark.parametrize(
    ("error", "polish"),
    [
        (reasons.say(reasons.TOO_LATE, seconds=10), "brak odpowiedzi w ciągu 10 s"),
        (reasons.say(reasons.STATUS, status=503), "HTTP 503"),
        (reasons.say(reasons.LACKS, words="'the answer holds x'"), "w odpowiedzi brakuje 'the answer holds x'"),
        (reasons.say(reasons.NO_RECORDS, name="a.example", record="MX"), "a.example nie ma rekordów MX"),
        (reasons.EXPIRED, "certyfikat wygasł"),
        ("SomethingOld: said otherwise", "SomethingOld: said otherwise"),
    ],
)
def test_a_stored_reason_is_read_in_polish(error: str, polish: str) -> None:
    assert reasons.read("pl", error) == polish
    assert reasons.read("en", error) == error


@given(some.sampled_from(ALL), some.text(max_size=200))
def test_every_reason_is_found_again_whatever_a_target_sent(reason: str, sent: str) -> None:
    error = reasons.say(reason, **dict.fromkeys(re.findall(r"%\((\w+)\)s", reason), sent))
    assert reasons.read("en", error) == error
    assert "%(" not in reasons.read("pl", error).replace(sent[: reasons.LONGEST], "") or "%(" in sent


def test_what_a_target_sent_is_cut_short() -> None:
    assert len(reasons.say(reasons.LACKS, words="x" * 10_000)) < 200
