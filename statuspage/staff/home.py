"""The desk's first page: what needs somebody now, what the public sees, who is here, and when it was published last."""

from datetime import datetime

from flask import Flask, Response

from statuspage import clock
from statuspage.accounts.queries import open_sessions
from statuspage.db import reading
from statuspage.leases.queries import is_held
from statuspage.leases.rules import LEASE
from statuspage.publishing.store import Version
from statuspage.staff import desk
from statuspage.staff.permissions import Permission
from statuspage.staff.waiting import needs
from statuspage.web import policy
from statuspage.web.site import site


def register(app: Flask) -> None:
    app.add_url_rule("/staff/", "staff.home", home)


@policy.needs("staff", Permission.READ)
def home() -> Response:
    now, wall = clock.now(), clock.wall()
    with reading() as session:
        found = list(needs(session, site().store.snapshot(), now))
        # Of each person the browser that was seen last.
        here = {one.staff_id: one for one in reversed(open_sessions(session, wall))}
        works = is_held(session, LEASE, wall)
    published = published_at(site().store.current)
    people = sorted(here.values(), key=lambda one: one.seen_at, reverse=True)
    return desk.page("staff/home.html", needs=found, people=people, works=works, published_at=published, wall=wall)


def published_at(version: Version) -> datetime | None:
    """As of when the published pages are."""
    return datetime.fromisoformat(version.as_of) if version.as_of else None
