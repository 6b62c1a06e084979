"""Browsers that somebody signed in with before: each has its own budget of tries, which no stranger can use up."""

import hashlib
import hmac
import secrets

from flask import request
from werkzeug.wrappers import Response

from statuspage.staff import desk
from statuspage.web.site import site

LASTS = 180 * 24 * 3600


def cookie() -> str:
    return "__Secure-staff-device" if desk.over_https() else "staff-device"


def remember(response: Response, email: str) -> None:
    """This browser has just signed this person in."""
    nonce = _nonce(email) or secrets.token_urlsafe(16)
    desk.keep_cookie(response, cookie(), f"{nonce}.{_sign(nonce, email)}", LASTS)


def is_known(email: str) -> bool:
    """Whether this person signed in with this browser before."""
    return _nonce(email) is not None


def budget(email: str) -> str:
    """Whose tries are counted: this browser's where it is known, else those of all strangers at this account."""
    words = email.strip().casefold()[:320]
    nonce = _nonce(words)
    return f"device:{nonce}" if nonce else f"strangers:{words}"


def _nonce(email: str) -> str | None:
    nonce, _, mark = request.cookies.get(cookie(), "").partition(".")
    right = hmac.compare_digest(mark.encode("utf-8", "replace"), _sign(nonce, email).encode())
    return nonce if right else None


def _sign(nonce: str, email: str) -> str:
    words = f"staff-device\0{nonce}\0{email.strip().casefold()}"
    key = site().settings.secret.encode()
    return hmac.new(key, words.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
