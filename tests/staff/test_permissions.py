"""The table of permissions: as drawn here, obeyed at every address, and closed to whatever is not in it."""

import pytest
from flask import Flask

from statuspage.accounts.rules import Role
from statuspage.staff.permissions import TABLE, Permission, allows
from statuspage.web import policy
from tests.staff.desks import Desk, desk_of
from tests.staff.test_policy import routes

DRAWN = """
                viewer  editor  admin
own             x       x       x
read            x       x       x
preview         -       x       x
incidents       -       x       x
estimates       -       x       x
maintenance     -       x       x
articles        -       x       x
panels          -       x       x
probes          -       x       x
recovery        -       x       x
recovery-files  -       x       x
audit-files     -       x       x
tokens          -       -       x
people          -       -       x
"""
TITLE = "Your role does not allow this"


def drawn() -> dict[tuple[str, Role], bool]:
    """Each cell of the drawing."""
    head, *lines = [line.split() for line in DRAWN.strip().splitlines()]
    return {(name, Role(role)): cell == "x" for name, *cells in lines for role, cell in zip(head, cells, strict=True)}


@pytest.mark.parametrize(("name", "role"), drawn(), ids=str)
def test_a_role_may_what_its_cell_says(name: str, role: Role) -> None:
    assert allows(role, Permission(name)) == drawn()[name, role]


def test_the_drawing_is_the_whole_table() -> None:
    assert {name for name, _ in drawn()} == {str(one) for one in TABLE} == {str(one) for one in Permission}


@pytest.mark.parametrize("role", list(Role))
def test_every_address_obeys_the_cell(app: Flask, role: Role) -> None:
    desk, cells, asked = desk_of(app, role), drawn(), 0
    for endpoint, method, path, declared in routes(app):
        if declared.kind == "staff":
            # A form without its token is refused as well, so that the walk changes nothing; its page says so.
            answer = desk.get(path) if method == "GET" else desk.send(path, {})
            refused = answer.status_code == 403 and TITLE in answer.text
            assert refused != cells[declared.need, role], (endpoint, method, answer.status_code)
            assert answer.status_code < 500, (endpoint, method)
            asked += 1
    assert asked > 50


def test_every_row_is_asked_for_somewhere_and_no_form_asks_for_reading_alone(app: Flask) -> None:
    needs = {(method, declared.need) for _, method, _, declared in routes(app) if declared.kind == "staff"}
    assert {need for _, need in needs} == set(Permission)
    assert ("POST", Permission.READ) not in needs


@pytest.mark.parametrize("need", [None, "", "everything", "people", "admin", Role.VIEWER, 3])
def test_what_is_not_in_the_table_nobody_may(app: Flask, need: object) -> None:
    view = policy.needs("staff", need)(lambda: "open")
    if need is None:
        view = lambda: "open"  # noqa: E731  # a view that declares nothing at all
    app.add_url_rule("/staff/new-page", "staff.new_page", view)
    for role in Role:
        answer = desk_of(app, role).get("/staff/new-page")
        assert answer.status_code == 403, role


def test_the_table_stands_on_the_page_of_people(app: Flask) -> None:
    page = desk_of(app, Role.ADMIN).get("/staff/accounts/").text
    assert page.count("<td>yes</td>") == sum(drawn().values())


def test_a_role_taken_away_counts_at_the_next_click(app: Flask) -> None:
    admin, editor = desk_of(app, Role.ADMIN), desk_of(app)
    assert editor.get("/staff/incidents/new").status_code == 200
    admin.post(f"/staff/accounts/{editor.staff_id}/", {"role": "viewer"})
    again = Desk(editor.client, editor.staff_id)
    assert again.get("/staff/incidents/new").status_code == 303
