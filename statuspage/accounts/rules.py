"""Who may do what, what a good password is, and how secrets are kept: hashed, and compared in equal time."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from email_validator import EmailNotValidError, validate_email

from statuspage.errors import FieldError, Invalid
from statuspage.i18n import noop

IDLE = timedelta(hours=12)
ABSOLUTE = timedelta(days=7)
# How long one may look for the phone after the password was right.
CODE_LIFE = timedelta(minutes=10)
# How long a dangerous act needs no new proof of who is there.
CONFIRMED = timedelta(minutes=15)
SHORTEST, LONGEST = 12, 1024
HOME = "/staff/"
LOCAL = re.compile(r"/staff/(?!/)[A-Za-z0-9_\-./?=&%+:,~]*\Z")


class LinkLife(StrEnum):
    """How long a one-time link works: for somebody who waits for it, or for tomorrow's shift."""

    SOON = "30m"
    DAY = "24h"


LIVES = {LinkLife.SOON: timedelta(minutes=30), LinkLife.DAY: timedelta(hours=24)}
# The first that fits; browsers claim to be those they descend from.
BROWSERS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
}
SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS X": "macOS",
    "CrOS": "ChromeOS",
    "Linux": "Linux",
}


class Role(StrEnum):
    """What staff may do; each includes the one before it."""

    VIEWER = "viewer"
    EDITOR = "editor"
    ADMIN = "admin"

    def includes(self, need: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(need)


# OWASP's figures for argon2id: 19 MiB and 2 passes, so that six sign-ins at once stay small.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@cache
def _nobody() -> str:
    """A hash that no password fits: unknown people take as long as known ones."""
    return _hasher.hash(secrets.token_hex(32))


def hash_password(password: str) -> str:
    return _hasher.hash(password)


def is_password(kept: str | None, offered: str) -> bool:
    """Whether the password fits; the same work for a person who is unknown or has no password."""
    offered = offered if len(offered) <= LONGEST else ""
    try:
        _hasher.verify(kept or _nobody(), offered)
        return kept is not None
    except (VerificationError, InvalidHashError):
        return False


def check_new_password(password: str, email: str) -> None:
    """Raises `Invalid` where a password is too short, too long, or the e-mail itself."""
    if len(password) < SHORTEST:
        reason = noop("Use at least 12 characters: a few words in a row are easy to remember.")
    elif len(password) > LONGEST:
        reason = noop("Use at most 1,024 characters.")
    elif password.casefold() in {email, email * 2} or len(set(password)) < 4:
        reason = noop("This is too easy to guess: choose another.")
    else:
        return
    raise Invalid(noop("The password was not changed."), (FieldError("/password", reason),))


def address(words: str) -> str:
    """One e-mail address in its normal form. Raises `Invalid`."""
    try:
        # Compared in lower case as a whole: nobody gives staff addresses that differ in case alone.
        return validate_email(words.strip(), check_deliverability=False).normalized.casefold()
    except EmailNotValidError:
        reason = noop("Enter one e-mail address, like anna@example.com.")
        raise Invalid(noop("This is no e-mail address."), (FieldError("/email", reason),)) from None


def new_secret() -> str:
    """A secret for a cookie or a link: 256 bits."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> bytes:
    """What is kept of a secret. One round is enough, as nobody can guess 256 bits."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


def is_alive(seen_at: datetime, expires_at: datetime, now: datetime) -> bool:
    """Whether a session may go on: used within 12 hours, begun within 7 days."""
    return now < expires_at and now - seen_at < IDLE


def browser(agent: str | None) -> str:
    """A browser as its owner would call it: `Firefox · Linux`; empty where nothing is recognised."""
    words = agent or ""
    found = [next((name for mark, name in known.items() if mark in words), "") for known in (BROWSERS, SYSTEMS)]
    return " · ".join(name for name in found if name)


def is_confirmed(confirmed_at: datetime | None, now: datetime) -> bool:
    """Whether the person proved to be there within the last quarter of an hour."""
    return confirmed_at is not None and now - confirmed_at < CONFIRMED


def local_path(asked: str | None) -> str:
    """Where to go after signing in: a path of the staff desk, else its first page."""
    return asked if asked and LOCAL.match(asked) else HOME
