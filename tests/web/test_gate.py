"""The gate for input: nothing gets through but text and JSON that can be kept, and nothing breaks it."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.errors import Invalid
from statuspage.web.gate import LARGEST, clean, parse_json

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=10,
)
PIECES = [b"{", b"}", b"[", b"]", b'"a"', b":", b",", b"1", b"-", b"1e999", b"NaN", b"\\ud800", b'"', b"\x00", b"\xff"]


@given(st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_no_body_breaks_the_parser(body: bytes) -> None:
    with suppress(Invalid):  # the only thing that it may raise
        parse_json(body)


@given(VALUES, st.booleans())
def test_good_json_comes_through_as_it_was(value: object, escaped: bool) -> None:
    assert parse_json(json.dumps(value, ensure_ascii=escaped).encode()) == value


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"NaN",
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1, "a": 2}',
        b'[{"x": {"a": 1, "\\u0061": 2}}]',
        b"9" * 5000,
        b"[" + b"9" * 5000 + b".5]",
        b"1e400",
        b"9223372036854775808",
        b'"\\ud800"',
        b'{"\\udfff": 1}',
        b'"\xed\xa0\x80"',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"{} {}",
        b"\xef\xbb\xbf{}",
        b'{"a": 1',
        b"'a'",
    ],
    ids=lambda body: repr(body[:20]),
)
def test_bad_json_is_refused_with_a_reason(body: bytes) -> None:
    with pytest.raises(Invalid) as refused:
        parse_json(body)
    assert refused.value.fields[0].reason


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert parse_json(b'"\\ud83d\\ude00"') == "\U0001f600"


@given(st.text(max_size=50))
def test_clean_text_stays_clean(words: str) -> None:
    try:
        once = clean(words)
    except Invalid:
        return
    assert clean(once) == once
    assert "\r" not in once
    once.encode()


@pytest.mark.parametrize("sign", ["\x00", "\x08", "\x1b", "\x7f", "\x85", "\ud800", "\uffff"])
def test_signs_that_cannot_be_shown_are_refused_by_field(sign: str) -> None:
    with pytest.raises(Invalid) as refused:
        clean(f"a{sign}b", "/title")
    assert refused.value.fields[0].path == "/title"


def test_text_is_composed_and_its_lines_are_plain() -> None:
    assert clean("z\u0301\r\na\rb\tc") == "ź\na\nb\tc"
