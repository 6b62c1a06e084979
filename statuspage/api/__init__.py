"""The API: public JSON is published, the rest answers Bearer tokens."""

from flask import Flask

from statuspage.api import backlog, choices, heartbeats, links, merges, probes, recovery, transfers
from statuspage.api.documents import library
from statuspage.api.guard import guard

__all__ = ["guard", "library", "register"]


def register(app: Flask) -> None:
    recovery.register(app)
    links.register(app)
    heartbeats.register(app)
    probes.register(app)
    transfers.register(app)
    choices.register(app)
    backlog.register(app)
    merges.register(app)
