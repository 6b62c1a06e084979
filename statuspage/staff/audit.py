"""The audit log, newest first, page by page."""

from flask import Flask, Response, request

from statuspage.accounts import queries as accounts
from statuspage.accounts.rules import Role
from statuspage.audit.models import AuditEntry
from statuspage.audit.queries import latest
from statuspage.db import reading
from statuspage.staff import desk
from statuspage.web import policy

PAGE = 100


def register(app: Flask) -> None:
    app.add_url_rule("/staff/audit/", "staff.audit", audit)


@policy.needs("staff", Role.VIEWER)
def audit() -> Response:
    before = request.args.get("before", type=int)
    with reading() as session:
        entries = latest(session, before_id=before if before and 0 < before < 2**63 else None, limit=PAGE)
        people = accounts.names(session, {found for one in entries if (found := staff_id(one)) is not None})
    older = entries[-1].id if len(entries) == PAGE else None
    return desk.page("staff/audit.html", entries=entries, people=people, staff_id=staff_id, older=older)


def staff_id(entry: AuditEntry) -> int | None:
    """The person who acted, where it was one of the staff."""
    kind, _, number = entry.actor.partition(":")
    return int(number) if kind == "staff" and number.isascii() and number.isdigit() else None
