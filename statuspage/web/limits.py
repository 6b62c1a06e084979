"""How often somebody may try: the limiter that views decorate themselves with."""

import ipaddress

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address


def network() -> str:
    """Who is counted as one: an address, of IPv6 the /64 that a single home or machine has to itself."""
    words = get_remote_address()
    try:
        address = ipaddress.ip_address(words.partition("%")[0])
    except ValueError:
        return words
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(address) >> 64 << 64, 64)))


limiter = Limiter(key_func=network, strategy="fixed-window")


def install(app: Flask, storage: str) -> None:
    """Count in `storage`: in memory, or in what several web processes share."""
    app.config.update(RATELIMIT_STORAGE_URI=storage, RATELIMIT_SWALLOW_ERRORS=True)
    limiter.init_app(app)


def wait_seconds() -> int:
    """How long the refused caller should wait; the handler of 429 says so."""
    refused = limiter.current_limit
    return max(1, refused.limit.get_expiry()) if refused else 60
