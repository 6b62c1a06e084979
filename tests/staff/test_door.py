"""The door of the desk."""

from flask import Flask

from statuspage.accounts.rules import Role
from tests.staff.desks import desk_of


def test_a_password_lets_in_and_begins_a_new_session(app: Flask) -> None:
    desk = desk_of(app, Role.VIEWER)
    assert desk.get("/staff/").status_code == 200
