"""A person at the desk, for tests: signed in through the door, with forms that carry what a browser sends."""

import re
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from statuspage.accounts import actions
from statuspage.accounts.models import Staff
from statuspage.accounts.rules import Role, hash_password
from statuspage.audit.actions import SYSTEM
from statuspage.db import transaction

ORIGIN = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}
PASSWORD = "four words in a row"


@dataclass
class Desk:
    """A browser of one person."""

    client: FlaskClient
    staff_id: int = 0

    def get(self, path: str) -> TestResponse:
        return self.client.get(path, base_url="http://127.0.0.1:8000", buffered=True)

    def post(self, path: str, data: dict[str, object] | None = None, *, page: str | None = None) -> TestResponse:
        """Send a form as the browser does: with the token of the page it stands on and the Origin."""
        return self.send(path, {"csrf_token": self.token(page or "/staff/me/"), **(data or {})})

    def send(self, path: str, data: dict[str, object], headers: dict[str, str] | None = None) -> TestResponse:
        headers = ORIGIN if headers is None else headers
        # Buffered: an answer that is not closed keeps its place in front of the app.
        return self.client.post(path, data=data, headers=headers, base_url="http://127.0.0.1:8000", buffered=True)

    def token(self, page: str) -> str:
        found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', self.get(page).text)
        return found[1] if found else ""

    def cookie(self) -> str:
        found = self.client.get_cookie("staff", domain="127.0.0.1", path="/staff")
        return found.value if found else ""


def person(email: str = "anna@example.com", role: Role = Role.EDITOR, password: str | None = PASSWORD) -> int:
    """Somebody on the list; returns the id."""
    with transaction(quiet=True) as session:
        staff = actions.add(session, email=email, name="", role=role, locale="en", actor=SYSTEM)
        if password is not None:
            session.get_one(Staff, staff.id).password_hash = hash_password(password)
        return staff.id


def stranger(app: Flask) -> Desk:
    return Desk(app.test_client())


def desk_of(app: Flask, role: Role = Role.EDITOR, email: str | None = None) -> Desk:
    """A signed-in browser of a new person with this role."""
    email = email or f"{role}@example.com"
    desk = Desk(app.test_client(), person(email, role))
    answer = desk.post("/staff/sign-in/", {"email": email, "password": PASSWORD}, page="/staff/sign-in/")
    assert answer.status_code == 303, answer.text
    return desk
