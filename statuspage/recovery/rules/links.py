"""Logins and links as they are kept: hashed."""

import hashlib
import hmac
import unicodedata


def login_key(secret: str, login: str) -> bytes:
    """A login as it is kept: an HMAC, the same for ` Anna@Example.com` and `anna@example.com`."""
    plain = unicodedata.normalize("NFKC", login).strip().casefold()
    return hmac.new(secret.encode(), b"recovery-login\0" + plain.encode(), hashlib.sha256).digest()


def hash_link(token: str) -> bytes:
    """A recovery link as it is kept; its token has 256 random bits."""
    return hashlib.sha256(token.encode("utf-8", "replace")).digest()
