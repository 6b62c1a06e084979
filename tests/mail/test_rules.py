"""What may stand in a letter's head, and when a letter is tried again."""

from datetime import timedelta

import pytest

from statuspage.errors import Invalid
from statuspage.mail.rules import Letter, address, message, next_try
from tests import scenes


@pytest.mark.parametrize(
    "words",
    [
        "",
        "anna",
        "a@b@c.pl",
        "Anna <anna@example.com>",
        "a@example.com,b@example.com",
        "a@example.com\nBcc: b@c.pl",
        "a\x00@c.pl",
    ],
)
def test_only_one_plain_address_is_one(words: str) -> None:
    with pytest.raises(Invalid):
        address(words)
    assert address("Anna.Nowak+status@EXAMPLE.com") == "Anna.Nowak+status@example.com"


@pytest.mark.parametrize(
    ("subject", "name"), [("a\r\nBcc: b@example.com", "Acme"), ("a", "Acme\nX: y"), ("a\x00", "Acme")]
)
def test_no_heading_smuggles_in_another(subject: str, name: str) -> None:
    with pytest.raises(Invalid):
        message(Letter("anna@example.com", subject, "b", "x"), "status@example.com", name, scenes.NOW)


def test_pauses_double_up_to_three_hours() -> None:
    minutes = [(next_try(tries, scenes.NOW) - scenes.NOW) // timedelta(minutes=1) for tries in (1, 2, 3, 8, 9, 500)]
    assert minutes == [1, 2, 4, 128, 180, 180]
