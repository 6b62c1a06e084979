"""What is divided is divided fairly."""

import pytest

from statuspage.leases.rules import fair_part


@pytest.mark.parametrize(
    ("many", "parts"),
    [(1, [32]), (2, [16, 16]), (3, [10, 11, 11]), (5, [6, 6, 7, 6, 7]), (40, None)],
)
def test_fair_parts_differ_by_one_at_most_and_make_up_the_whole(many: int, parts: list[int] | None) -> None:
    found = [fair_part(32, rank, many) for rank in range(many)]
    assert parts in (None, found)
    assert sum(found) == 32
    assert max(found) - min(found) <= 1
