"""Codes by time (RFC 6238, as every app knows them: SHA-1, 30 seconds, 6 digits), and recovery codes."""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

PERIOD = 30
DIGITS = 6
# A phone may be half a minute off, and a person needs some seconds to type.
DRIFT = (0, -1, 1)
CODES = 10
LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"
LENGTH = 10


def app_secret(key: str, staff_id: int, salt: bytes) -> bytes:
    """What the app and we know. Only the salt is stored, so that a stolen database makes no codes."""
    return hmac.new(key.encode(), b"second-factor\0%d\0" % staff_id + salt, hashlib.sha256).digest()[:20]


def step(now: datetime) -> int:
    """How many half minutes have passed since 1970."""
    return int(now.timestamp()) // PERIOD


def code(secret: bytes, at: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226: four bytes, from where the last half-byte points to)."""
    mac = hmac.new(secret, at.to_bytes(8, "big"), hashlib.sha1).digest()
    place = mac[-1] & 15
    number = int.from_bytes(mac[place : place + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**digits:0{digits}d}"


def step_of(secret: bytes, offered: str, now: datetime) -> int | None:
    """The step whose code was offered: the present one or a neighbour; None when it is none of them."""
    words = "".join(offered.split()).encode("utf-8", "replace")
    fitting = [step(now) + off for off in DRIFT if hmac.compare_digest(code(secret, step(now) + off).encode(), words)]
    return fitting[0] if fitting else None


def new_salt() -> bytes:
    return secrets.token_bytes(16)


def in_fours(secret: bytes) -> str:
    """The key as a person types it into an app: base 32 in groups of four."""
    plain = base64.b32encode(secret).decode()
    return " ".join(plain[at : at + 4] for at in range(0, len(plain), 4))


def app_address(secret: bytes, email: str, brand: str) -> str:
    """The `otpauth:` address that apps open, or read from a picture."""
    key = base64.b32encode(secret).decode()
    return f"otpauth://totp/{quote(brand)}:{quote(email)}?secret={key}&issuer={quote(brand)}"


def new_recovery_codes() -> list[str]:
    """Ten codes of 50 bits, without letters that look alike."""
    drawn = ["".join(secrets.choice(LETTERS) for _ in range(LENGTH)) for _ in range(CODES)]
    return [f"{one[:5]}-{one[5:]}" for one in drawn]


def keep_recovery_code(key: str, staff_id: int, words: str) -> bytes:
    """What is kept of a recovery code, however it was typed; keyed, as 50 bits alone could be tried out."""
    plain = "".join(one for one in words.lower() if one.isalnum())
    return hmac.new(key.encode(), f"recovery-code\0{staff_id}\0{plain}".encode("utf-8", "replace"), "sha256").digest()
