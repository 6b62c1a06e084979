"""For machines that watch us: `/healthz`, `/readyz`, `/metrics`. Nobody's names are in them."""

from datetime import datetime, timedelta

from flask import Flask, Response
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.db import reading
from statuspage.errors import Unavailable
from statuspage.leases.queries import is_held
from statuspage.leases.rules import LEASE, LEASE_SECONDS
from statuspage.probing.queries import open_outages, verdicts, workers
from statuspage.publishing.queries import revision
from statuspage.web import policy
from statuspage.web.site import site

STALE_AFTER = timedelta(seconds=90)


def register(app: Flask) -> None:
    app.add_url_rule("/healthz", "public.healthz", healthz)
    app.add_url_rule("/readyz", "public.readyz", readyz)
    app.add_url_rule("/metrics", "public.metrics", metrics)


@policy.public
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", mimetype="text/plain")


@policy.public
def readyz() -> Response:
    """The database can be used and the published page is fresh; else 503 with what is wrong, a line each."""
    wrong = [line for line in (_database(), _page()) if line]
    return Response("\n".join(wrong or ["ready"]) + "\n", 503 if wrong else 200, mimetype="text/plain")


@policy.public
def metrics() -> Response:
    """Prometheus text, gathered at this moment."""
    registry = CollectorRegistry()
    version = site().store.follow()
    _gauge(registry, "published_revision", "Revision of the published page.", version.revision)
    _gauge(registry, "documents", "Documents that are published.", len(version.pages))
    _gauge(registry, "documents_failing", "Documents that keep old bytes: rendering fails.", len(version.facts.failed))
    age = page_age()
    if age is not None:
        _gauge(registry, "published_age_seconds", "Age of the published page.", age.total_seconds())
    _gauge(registry, "database_up", "Whether the database can be read.", int(_database() is None))
    if _database() is None:
        with reading() as session:
            _count(registry, session)
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _count(registry: CollectorRegistry, session: Session) -> None:
    """What the database knows."""
    probes = Gauge("statuspage_probes", "Enabled probes by verdict.", ["verdict"], registry=registry)
    for verdict, count in verdicts(session).items():
        probes.labels(verdict).set(count)
    _gauge(registry, "outages_open", "Outages that go on.", len(open_outages(session)))
    _gauge(registry, "revision", "Writes so far that readers might see.", revision(session))
    _gauge(registry, "worker_up", "Whether a worker holds the lease.", int(is_held(session, LEASE, clock.wall())))
    sharing = len(workers(session, clock.wall(), LEASE_SECONDS))
    _gauge(registry, "workers", "Workers that share the probes.", sharing)


def _gauge(registry: CollectorRegistry, name: str, about: str, value: float) -> None:
    Gauge(f"statuspage_{name}", about, registry=registry).set(value)


def page_age() -> timedelta | None:
    """How old the published page is; None when there is none."""
    version = site().store.follow()
    return clock.now() - datetime.fromisoformat(version.as_of) if version.name else None


def _page() -> str | None:
    age = page_age()
    if age is None:
        return "nothing is published"
    return f"the page is {age.total_seconds():.0f} s old" if age > STALE_AFTER else None


def _database() -> str | None:
    try:
        with reading() as session:
            revision(session)
    except Unavailable:
        return "the database cannot be used"
    return None
