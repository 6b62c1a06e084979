"""Reading YAML strictly, with lines; writing it so that it reads back."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.web.gate import FORBIDDEN, clean
from statuspage.web.yaml import DEEPEST, NotReadable, read, write


@pytest.mark.parametrize(
    ("words", "line", "reason"),
    [
        ("", 1, "is empty"),
        ("# nothing\n", 1, "is empty"),
        ("a: 1\nb: 2\na: 3\n", 3, "the key a stands twice"),
        ('{"a": 1, "a": 2}', 1, "the key a stands twice"),
        ("a: &x [1]\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: *x\n", 2, "anchors and aliases"),
        ("a: 1\n<<: *x\n", 2, "anchors and aliases"),
        ("a: !!python/object/apply:os.system [x]\n", 1, "tags"),
        ("a: !!binary aGk=\n", 1, "tags"),
        ("a: 1\n---\nb: 2\n", 2, "second document"),
        ("? [a]\n: 1\n", 1, "a key must be a plain word"),
        ("a: 1\n b: 2\n", 2, "not YAML"),
        ("a: [1, 2\n", 2, "not YAML"),
        ("a:\n\tb: 1\n", 2, "not YAML"),
        ("a: 1\nb: \x07\n", 2, "control characters"),
        ('a: 1\nb: "\\a"\n', 2, "control characters"),
        ('{"a":\n "\\ud800"}', 2, "not YAML|broken Unicode"),
        ("[" * (DEEPEST + 2) + "]" * (DEEPEST + 2), 1, "nested too deeply"),
        ("[" * 100_000, 1, "nested too deeply|not YAML"),
    ],
)
def test_what_is_refused_says_its_line_and_why(words: str, line: int, reason: str) -> None:
    with pytest.raises(NotReadable, match=reason) as refused:
        read(words.encode())
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("source", "line"), [(b"a: 1\nb: \xff\n", 2), (b"a: x" + b"x" * (16 * 1024 * 1024), 1), (b"a: \xed\xa0\x80", 1)]
)
def test_bytes_that_are_no_text_or_too_many_are_refused(source: bytes, line: int) -> None:
    with pytest.raises(NotReadable) as refused:
        read(source)
    assert refused.value.line == line


@pytest.mark.parametrize(
    ("words", "value"),
    [
        ("no", "no"), ("on", "on"), ("12:30", "12:30"), ("010", "010"), ("0x1f", "0x1f"), ("2020-08-27", "2020-08-27"),
        (".inf", ".inf"),
        ("1e999", "1e999"), ("1_000", "1_000"), ("9" * 30, "9" * 30),
        ("true", True), ("True", "True"), ("null", None),
        ("~", None), ("7", 7), ("-7", -7), ("1.5", 1.5), ("1e3", 1000.0), ('"7"', "7"), ("'true'", "true"),
    ],
)  # fmt: skip
def test_words_mean_what_they_mean_in_json_and_nothing_else_is_guessed(words: str, value: Any) -> None:
    found = read(f"a: {words}\n".encode()).data["a"]
    assert (found, type(found)) == (value, type(value))


def test_places_know_their_lines() -> None:
    tree = read(b"panels:\n  - slug: a\n    probes:\n      - {name: x}\n      - name: y\n        kind: z\n")
    assert [tree.line(path) for path in ("", "/panels", "/panels/0/slug", "/panels/0/probes/1/kind")] == [1, 1, 2, 6]
    assert tree.line("/panels/0/probes/1/target") == 5, "what is missing is missed where it would stand"
    assert tree.line("/nothing/at/all") == 1


TEXT = st.text().filter(lambda words: not FORBIDDEN.search(words)).map(clean)
NUMBERS = st.integers(-(10**17), 10**17) | st.floats(-1e90, 1e90, allow_nan=False).map(lambda one: round(one, 9))


@given(
    st.recursive(
        st.none() | st.booleans() | NUMBERS | TEXT,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
        max_leaves=20,
    ).filter(lambda data: data is not None)
)
def test_what_is_written_reads_back(data: Any) -> None:
    assert read(write({"data": data}).encode()).data == {"data": data}
