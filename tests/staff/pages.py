"""Reads forms of the desk as a browser would: what is filled in, and where an error stands."""

from collections.abc import Callable
from dataclasses import dataclass, field

from lxml import html
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from statuspage import db
from tests.staff.desks import Desk

PUBLISH = {"act": "publish"}
WRONG = {
    "NUL": "a\x00b",
    "control characters": "a\x1bb",
    "a lone surrogate": "a\ufffeb",
}


@dataclass
class Sheet:
    """The form of a page, with what the browser would send."""

    desk: Desk
    path: str
    fields: dict[str, str | list[str]] = field(default_factory=dict)

    def send(self, **changes: object) -> TestResponse:
        """Send it with other values; a name's `__` stands for `-`, as in `body__pl`."""
        named = {name.replace("__", "-"): value for name, value in changes.items()}
        return self.desk.send(self.path, {**self.fields, **named})

    def filled(self, values: dict[str, object]) -> TestResponse:
        return self.desk.send(self.path, {**self.fields, **values})


def open_form(desk: Desk, path: str) -> Sheet:
    answer = desk.get(path)
    assert answer.status_code == 200, answer.text
    return Sheet(desk, path, values(answer))


def values(answer: TestResponse) -> dict[str, str | list[str]]:
    """What the page's main form would send if nothing were touched."""
    return values_in(answer.text)


def values_in(page: str) -> dict[str, str | list[str]]:
    forms = [one for one in html.fromstring(page).forms if "act" not in (one.get("class") or "").split()]
    found: dict[str, str | list[str]] = {}
    for name, value in forms[0].form_values():
        # The HTML parser drops the line end that a browser drops after <textarea>.
        text = value.removeprefix("\n")
        found[name] = [*_listed(found[name]), text] if name in found else text
    return found


def _listed(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]


def errors(answer: TestResponse) -> list[str]:
    """The inputs that the summary of a refused form points to; each is on the page."""
    page = html.fromstring(answer.text)
    targets = [link.get("href").removeprefix("#") for link in page.xpath("//div[@class='problem']//a")]
    for target in targets:
        assert page.xpath(f"//*[@id='{target}']"), target
    return targets


def rows() -> dict[str, int]:
    """How many rows each table has, to see that nothing was written."""
    quiet = {"staff_session", "span", "site"}
    with db.reading() as session:
        tables = [table for table in db.Model.metadata.sorted_tables if table.name not in quiet]
        return {table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def nothing_written(act: Callable[[], TestResponse]) -> TestResponse:
    """Do it, and check that it was refused and left no row behind."""
    before = rows()
    answer = act()
    assert 400 <= answer.status_code < 500, answer.status_code
    assert "Traceback" not in answer.text
    assert rows() == before
    return answer
