"""What may be kept, where it belongs, and for how long."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.errors import FieldError, Invalid
from statuspage.i18n import noop

PLACE = re.compile(r"/staff/[A-Za-z0-9/_-]{1,280}")
KEY = re.compile(r"[0-9a-f]{32}")
LARGEST = 400_000
LONGEST_TITLE = 200
KEPT_FOR = timedelta(days=30)
# Who typed within this time is taken to be still at it.
WRITING_FOR = timedelta(minutes=10)
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Sheet:
    """One opened form: whose it is, its path, and the key that the form has borne since it was opened."""

    staff_id: int
    place: str
    form_key: str


def check(sheet: Sheet, fields: Fields) -> None:
    """Raises `Invalid` for what no form of the desk would send."""
    if not PLACE.fullmatch(sheet.place) or not KEY.fullmatch(sheet.form_key):
        _refuse("/place", noop("This is no form of the desk."))
    if sum(len(name) + len(words) for name, words in fields) > LARGEST:
        _refuse("/fields", noop("This is too much to be kept as you type: shorten it, or save it as a draft."))


def is_writing(saved_at: datetime, now: datetime) -> bool:
    """Whether whoever typed last at `saved_at` is likely to be still writing."""
    return now - WRITING_FOR <= saved_at <= now


def _refuse(path: str, message: str) -> None:
    raise Invalid(message, (FieldError(path, message),))
