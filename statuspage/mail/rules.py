"""What a letter is, which addresses it may bear, and when one that could not be sent is tried again."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid

from email_validator import EmailNotValidError, validate_email

from statuspage.errors import FieldError, Invalid

MOST_TRIES = 8
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=3)
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


@dataclass(frozen=True)
class Letter:
    """What one person is told. `about` names the row that it is about: the same letter again has the same id."""

    to: str
    subject: str
    body: str
    about: str


def address(words: str) -> str:
    """Exactly one e-mail address, as it may stand in a header. Raises `Invalid`."""
    try:
        found = validate_email(words, check_deliverability=False)
    except EmailNotValidError:
        raise Invalid("This is no e-mail address.", (FieldError("", "must be one e-mail address"),)) from None
    return found.normalized


def message(letter: Letter, sender: str, name: str, at: datetime) -> EmailMessage:
    """The letter in MIME. Raises `Invalid` where an address or a heading could smuggle in another header."""
    if CONTROL.search(letter.subject) or CONTROL.search(name):
        raise Invalid("A heading has control characters.", (FieldError("", "must be one line of text"),))
    found, to = EmailMessage(), address(letter.to)
    found["From"] = Address(name, addr_spec=address(sender))
    found["To"] = Address(addr_spec=to)
    found["Subject"] = letter.subject
    found["Date"] = format_datetime(at)
    found["Message-ID"] = make_msgid(letter.about, address(sender).rpartition("@")[2])
    found["Auto-Submitted"] = "auto-generated"
    found.set_content(letter.body)
    return found


def next_try(tries: int, now: datetime) -> datetime:
    """When to try again after so many tries: each pause is twice as long as the one before, up to three hours."""
    return now + min(FIRST_PAUSE * (1 << min(tries - 1, 20)), LONGEST_PAUSE)
