"""An answer is judged by what is expected of it."""

import pytest

from statuspage.probing.kinds.answers import Answer, holds, statuses, steps, value_at, wrong

JSON = '{"state": "ok", "depth": 12, "on": true, "none": null, "shops": [{"id": 7, "tags": ["a", "b"]}]}'


@pytest.mark.parametrize(
    ("answer", "expect", "error"),
    [
        (Answer(200), {}, None),
        (Answer(500), {}, "HTTP 500"),
        (Answer(302), {}, "HTTP 302"),
        (Answer(302), {"statuses": "200,300-399"}, None),
        (Answer(401), {"statuses": "200-299,401"}, None),
        (Answer(200, "welcome"), {"keyword": "welcome"}, None),
        (Answer(200, "sorry"), {"keyword": "welcome"}, "the answer lacks 'welcome'"),
        (Answer(200, "fatal error"), {"absent": "error"}, "the answer holds 'error'"),
        (Answer(200, headers={"x-version": "3"}), {"header_name": "X-Version"}, None),
        (Answer(200, headers={"x-version": "3"}), {"header_name": "X-Version", "header_value": "3"}, None),
        (Answer(200, headers={"x-version": "3"}), {"header_name": "X-Version", "header_value": "4"}, "is '3'"),
        (Answer(200), {"header_name": "X-Version"}, "the answer has no header X-Version"),
        (Answer(200, JSON), {"json_path": "state", "json_value": "ok"}, None),
        (Answer(200, JSON), {"json_path": "state", "json_value": "bad"}, 'in the answer state is "ok"'),
        (Answer(200, JSON), {"json_path": "shops[0].id", "json_op": ">", "json_value": "6"}, None),
        (Answer(200, JSON), {"json_path": "shops[1].id", "json_value": "7"}, "the answer has nothing at shops[1].id"),
        (Answer(200, JSON), {"json_path": "state.x", "json_value": "7"}, "the answer has nothing at state.x"),
        (Answer(200, JSON), {"json_path": "none.x", "json_op": "!="}, "the answer has nothing at none.x"),
        (Answer(200, "<html>"), {"json_path": "state", "json_value": "ok"}, "the answer is no JSON"),
        (Answer(200, "[" * 100_000), {"json_path": "state", "json_value": "ok"}, "the answer is no JSON"),
        (Answer(200, "9" * 10_000), {"json_path": "state", "json_value": "ok"}, "the answer is no JSON"),
    ],
)
def test_the_first_thing_that_is_wrong_is_said(answer: Answer, expect: dict[str, str], error: str | None) -> None:
    found = wrong(answer, expect)
    assert (found is None) is (error is None)
    assert (error or "") in (found or "")


@pytest.mark.parametrize(
    ("path", "operator", "wanted", "right"),
    [
        ("depth", "=", "12", True),
        ("depth", "=", "12.0", True),
        ("depth", "=", "13", False),
        ("depth", "!=", "13", True),
        ("depth", "!=", "12", False),
        ("depth", "<", "100", True),
        ("depth", ">", "100", False),
        ("state", "<", "1", False),
        ("on", ">", "0", False),
        ("on", "=", "true", True),
        ("on", "=", "false", False),
        ("none", "=", "null", True),
        ("state", "contains", "k", True),
        ("state", "contains", "K", False),
        ("shops[0].tags", "contains", "b", True),
        ("shops[0].tags", "contains", "c", False),
        ("shops[0]", "contains", "tags", True),
        ("depth", "contains", "1", False),
    ],
)
def test_values_are_compared_as_what_they_are(path: str, operator: str, wanted: str, right: bool) -> None:
    document = {"state": "ok", "depth": 12, "on": True, "none": None, "shops": [{"id": 7, "tags": ["a", "b"]}]}
    assert holds(value_at(document, path), operator, wanted) is right


def test_a_path_is_names_and_numbers() -> None:
    assert steps("data.items[0][12].name") == ["data", "items", 0, 12, "name"]
    assert steps("[3]") == [3]


@pytest.mark.parametrize("path", ["", ".", "a.", ".a", "a..b", "a[", "a[x]", "a[-1]", "a]", "a[9999999]"])
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        steps(path)


@pytest.mark.parametrize("words", ["", "abc", "99", "600", "300-200", "200-x"])
def test_what_is_no_set_of_statuses_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        statuses(words)
