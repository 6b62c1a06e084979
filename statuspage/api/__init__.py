"""The API: public JSON is published, the rest answers Bearer tokens."""

from flask import Flask

from statuspage.api import (
    articles,
    backlog,
    choices,
    heartbeats,
    incidents,
    links,
    maintenance,
    merges,
    probes,
    promises,
    recovery,
    transfers,
    updates,
)
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
    incidents.register(app)
    updates.register(app)
    promises.register(app)
    maintenance.register(app)
    articles.register(app)
