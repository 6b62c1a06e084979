"""A phone with an app for codes, for tests: it reads the key off the page as a person does."""

import base64
import re
from dataclasses import dataclass
from datetime import timedelta

from statuspage import clock
from statuspage.factors.rules import code, step
from tests.staff.desks import Desk

FACTOR = "/staff/me/factor"


@dataclass
class Phone:
    """An app that knows one key."""

    key: bytes

    def code(self, later: int = 1) -> str:
        """The next code, which fits already: the one of now may have been used to set the phone up."""
        return code(self.key, step(clock.wall() + timedelta(seconds=30 * later)))


def read_key(page: str) -> Phone:
    """Type the key of the set-up page into the app."""
    shown = re.search(r'<code class="secret">([A-Z2-7 ]{39})</code>', page)
    assert shown is not None, page
    return Phone(base64.b32decode(shown[1].replace(" ", "")))


def set_up(desk: Desk) -> tuple[Phone, list[str]]:
    """Turn the second factor on as a person would; the phone, and the recovery codes that were shown."""
    page = desk.get(FACTOR).text
    phone = read_key(page)
    salt = re.search(r'name="salt"[^>]*value="([0-9a-f]{32})"', page)
    assert salt is not None
    answer = desk.post(FACTOR, {"salt": salt[1], "code": phone.code(0)})
    assert answer.status_code == 200, answer.text
    codes = re.findall(r"<code>([a-z2-9]{5}-[a-z2-9]{5})</code>", answer.text)
    assert len(codes) == 10
    return phone, codes
