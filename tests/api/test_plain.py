"""The quick way of reading a line knows no other answer than the strict one; it only knows fewer lines."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from statuspage.api import plain
from statuspage.errors import Invalid
from statuspage.recovery.rules.reports import STAGES, Report, State, contradiction
from statuspage.shapes import read_report
from statuspage.web.gate import parse_json
from tests.api.conftest import report

PANELS = ("panel-c", "panel-a")
RIGHT = {
    "account": ["10423", "a@b.example", "x" * 128],
    "panel": list(PANELS),
    "stage": list(STAGES),
    "state": [state.value for state in State],
    "done": [0, 1, 2**63 - 1],
    "total": [0, 4000],
    "sequence": [0, 17],
    "at": ["2021-03-22T13:58:00+01:00", "2021-03-22T13:58:00.123456Z", "2021-W12-1T10:00+00:00"],
}
WRONG = [
    "",
    "x" * 129,
    "a b",
    "ż",
    "e\u0301",
    "\u0000",
    None,
    True,
    -1,
    1.5,
    2**63,
    10**30,
    [],
    {},
    "17",
    "2021-03-22",
    "☃",
]
FIELD = st.sampled_from(sorted(RIGHT)).flatmap(
    lambda name: st.tuples(st.just(name), st.sampled_from([*RIGHT[name], *WRONG]))
)


def strictly(line: bytes) -> Report | None:
    """What the strict way reads; None where it refuses."""
    try:
        return read_report(parse_json(line), PANELS)
    except Invalid:
        return None


def lines(fields: list[tuple[str, object]], ascii_only: bool) -> Iterator[bytes]:
    """The report with these changes, with these members once more, and cut off."""
    whole = json.dumps(report(**dict(fields)), ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    yield whole
    again = ", ".join(f"{json.dumps(name)}: {json.dumps(value)}" for name, value in fields)
    yield whole[:-1] + b", " + again.encode() + b"}"
    yield whole[: len(whole) // 2]


@given(st.lists(FIELD, min_size=1, max_size=3), st.booleans())
def test_what_is_read_at_once_is_what_the_strict_way_reads(fields: list[tuple[str, object]], ascii_only: bool) -> None:
    for line in lines(fields, ascii_only):
        found = plain.report(line, PANELS)
        assert found is None or contradiction(found) or found == strictly(line)


@given(st.fixed_dictionaries({name: st.sampled_from(values) for name, values in RIGHT.items()}))
def test_an_ordinary_line_is_read_at_once(fields: dict[str, object]) -> None:
    line = json.dumps(fields).encode()
    found = plain.report(line, PANELS)
    assert found is not None
    assert contradiction(found) or found == strictly(line)


@pytest.mark.parametrize(
    "line",
    [
        # As many quotes as it should have, with one key twice and one missing.
        json.dumps(report()).encode().replace(b'"panel"', b'"stage"'),
        json.dumps(report()).encode()[:-1] + b', "account": "2"}',
        json.dumps(report()).encode() + b" 7",
        json.dumps(report(account="\xff")).encode("latin-1"),
        json.dumps(report(done=float("nan"))).encode(),
        json.dumps([report()]).encode(),
        b"\xff\xfe",
        b"\x00",
        b"",
        b"[" * 10_000,
    ],
    ids=range(10),
)
def test_what_is_out_of_the_way_is_left_to_the_strict_one(line: bytes) -> None:
    assert plain.report(line, PANELS) is None
