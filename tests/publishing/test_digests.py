"""A digest tells apart what readers could, and is the same for equal data on every machine."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from statuspage.publishing.digests import by_digest, digest

leaves = st.none() | st.booleans() | st.integers() | st.text() | st.datetimes()
values = st.recursive(
    leaves, lambda inner: st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner), max_leaves=12
)


@dataclass(frozen=True)
class Point:
    x: int
    name: str = ""
    inside: "Point | None" = None


@given(values, values)
def test_two_values_have_one_digest_only_when_they_are_the_same(one: object, other: object) -> None:
    assert (digest(one) == digest(other)) == (repr(one) == repr(other))


def test_a_digest_is_kept_with_its_object_and_not_with_a_changed_copy() -> None:
    point = Point(1, "a", Point(2))
    assert digest(point) == digest(point) == digest(Point(1, "a", Point(2)))
    assert digest(replace(point, name="b")) != digest(point)
    assert point == Point(1, "a", Point(2))


def test_parts_do_not_run_into_one_another() -> None:
    assert digest(("ab", "c")) != digest(("a", "bc"))
    assert digest((("a",), "b")) != digest(("a", ("b",)))
    assert digest(1) != digest("1")
    assert digest({"a": "b"}) != digest(("a", "b"))
    assert digest(datetime(2021, 3, 22, tzinfo=UTC)) != digest("2021-03-22")


def test_what_is_made_of_equal_data_is_made_once_and_no_more_than_so_much_is_kept() -> None:
    made: list[Point] = []

    @by_digest(2)
    def doubled(point: Point, *, times: int = 2) -> int:
        made.append(point)
        return point.x * times

    assert (doubled(Point(1)), doubled(Point(1)), doubled(Point(1), times=3)) == (2, 2, 3)
    assert len(made) == 2
    assert (doubled(Point(2)), doubled(Point(1))) == (4, 2)
    assert len(made) == 4
