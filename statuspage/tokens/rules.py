"""What a token looks like, what it may do, and how long answers are kept."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

TOKEN = re.compile(r"sp_([a-z0-9]{8})_([A-Za-z0-9_-]{43})")
KEY = re.compile(r"[\x21-\x7e]{1,255}")
LARGEST_ANSWER = 64 * 1024
ANSWERS_LAST = timedelta(hours=24)
USE_NOTED_EVERY = timedelta(minutes=5)


class Scope(StrEnum):
    """What a token may be allowed to do."""

    RECOVERY_READ = "recovery:read"
    RECOVERY_WRITE = "recovery:write"
    INCIDENTS_WRITE = "incidents:write"
    ESTIMATES_WRITE = "estimates:write"
    MAINTENANCE_WRITE = "maintenance:write"
    ARTICLES_WRITE = "articles:write"
    PROBES_READ = "probes:read"
    PROBES_WRITE = "probes:write"


@dataclass(frozen=True)
class Minted:
    """A new token; `plain` is shown once and kept nowhere."""

    prefix: str
    secret: str

    @property
    def plain(self) -> str:
        return f"sp_{self.prefix}_{self.secret}"

    @property
    def secret_hash(self) -> bytes:
        return hash_secret(self.secret)


@dataclass(frozen=True)
class Bearer:
    """A caller whose token was found live. `with_old`: by the secret from before a rotation."""

    token_id: int
    prefix: str
    name: str
    scopes: tuple[str, ...]
    last_used_at: datetime | None
    with_old: bool = False

    def should_note_use(self, now: datetime) -> bool:
        """At most once in five minutes, so that reads seldom write."""
        return self.last_used_at is None or self.last_used_at + USE_NOTED_EVERY <= now


class Lived(Protocol):
    """What the rules need to know of a token."""

    @property
    def expires_at(self) -> datetime | None: ...
    @property
    def revoked_at(self) -> datetime | None: ...
    @property
    def old_until(self) -> datetime | None: ...


def mint() -> Minted:
    """A token with a secret of 256 bits."""
    return Minted(secrets.token_hex(4), secrets.token_urlsafe(32))


def read_header(header: str | None) -> Minted | None:
    """The token of an `Authorization: Bearer …` header, None when there is none of ours."""
    scheme, _, credentials = (header or "").partition(" ")
    found = TOKEN.fullmatch(credentials.strip()) if scheme.lower() == "bearer" else None
    return Minted(found[1], found[2]) if found else None


def hash_secret(secret: str) -> bytes:
    """A plain SHA-256 will do: the secret has 256 random bits, so there is nothing to guess."""
    return hashlib.sha256(secret.encode()).digest()


def same_secret(one: bytes, other: bytes) -> bool:
    return hmac.compare_digest(one, other)


def is_live(token: Lived, now: datetime) -> bool:
    return token.revoked_at is None and (token.expires_at is None or now < token.expires_at)


def old_works(token: Lived, now: datetime) -> bool:
    """Whether the secret from before a rotation still opens."""
    return is_live(token, now) and token.old_until is not None and now < token.old_until


def unknown_scopes(scopes: Sequence[str]) -> list[str]:
    known = {scope.value for scope in Scope}
    return [scope for scope in scopes if scope not in known]


def is_key(words: str) -> bool:
    """Whether an `Idempotency-Key` is one: 1 … 255 visible ASCII characters."""
    return KEY.fullmatch(words) is not None
