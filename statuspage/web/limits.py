"""How often somebody may try: the limiter that views decorate themselves with."""

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, strategy="fixed-window")


def install(app: Flask, storage: str) -> None:
    """Count in `storage`: in memory, or in what several web processes share."""
    app.config.update(RATELIMIT_STORAGE_URI=storage, RATELIMIT_SWALLOW_ERRORS=True)
    limiter.init_app(app)


def wait_seconds() -> int:
    """How long the refused caller should wait; the handler of 429 says so."""
    refused = limiter.current_limit
    return max(1, refused.limit.get_expiry()) if refused else 60
