"""The audit log: looked through page by page, one entry with its before and after, all that is wanted as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from flask import Flask, Response, request, stream_with_context
from sqlalchemy.orm import Session

from statuspage.accounts import queries as accounts
from statuspage.audit import queries
from statuspage.audit.actions import record
from statuspage.audit.models import AuditEntry
from statuspage.audit.rules import Wanted, changes
from statuspage.db import reading, transaction
from statuspage.downloads import Format
from statuspage.errors import Invalid, existing
from statuspage.i18n import noop
from statuspage.staff import desk, log_files
from statuspage.staff.permissions import Permission
from statuspage.web import policy
from statuspage.web.gate import clean
from statuspage.web.site import site

LIST = "/staff/audit/"
PAGE = 100
LONGEST = 200
# Days beyond these have no midnight in every zone.
FIRST, LAST = date(1900, 1, 1), date(9000, 1, 1)
FIELDS = ("actor", "action", "subject", "since", "until")
NO_DAY = noop("“%(words)s” is no day: write it like 2021-03-22.")
BACKWARDS = noop("The last day is before the first one.")
UNREADABLE = noop("“%(words)s” cannot be looked for: it has characters that cannot be shown.")
NO_ENTRY = noop("There is no such entry.")


@dataclass
class Search:
    """What the form says, as it was typed; `wrong` holds what cannot be read, by field."""

    typed: dict[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    @classmethod
    def received(cls) -> "Search":
        found = cls({})
        for name in FIELDS:
            words = request.args.get(name, "")[:LONGEST].strip()
            try:
                found.typed[name] = clean(words)
            except Invalid:
                found.typed[name] = ""
                found.wrong[name] = desk.say(UNREADABLE, words=words.encode("ascii", "backslashreplace").decode())
        return found

    @property
    def query(self) -> str:
        """The part of an address that asks for the same again."""
        return urlencode({name: words for name, words in self.typed.items() if words})

    def told(self, wanted: Wanted) -> dict[str, str | list[str]]:
        """For the log itself: a person's address stays out of it."""
        asked = {name: words for name, words in self.typed.items() if words and name != "actor"}
        return {**asked, "actors": list(wanted.actors)} if wanted.actor else {**asked}

    def wanted(self, session: Session) -> Wanted:
        first, last = self._day("since"), self._day("until")
        if first and last and last < first:
            self.wrong.setdefault("until", desk.say(BACKWARDS))
        people = accounts.called(session, self.typed["actor"]) if self.typed["actor"] else []
        return Wanted(
            actors=tuple(f"staff:{one}" for one in people),
            actor=self.typed["actor"],
            action=self.typed["action"],
            subject=self.typed["subject"],
            since=_begin(first) if first else None,
            until=_begin(last + timedelta(days=1)) if last else None,
        )

    def _day(self, name: str) -> date | None:
        words = self.typed[name]
        try:
            return min(max(date.fromisoformat(words), FIRST), LAST) if words else None
        except ValueError:
            self.wrong[name] = desk.say(NO_DAY, words=words)
            return None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), site().settings.zone)


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.audit", audit)
    app.add_url_rule(f"{LIST}<int:entry_id>/", "staff.audit_entry", one_entry)
    app.add_url_rule(f"{LIST}export", "staff.audit_export", export)


@policy.needs("staff", Permission.READ)
def audit() -> Response:
    search, before = Search.received(), request.args.get("before", type=int)
    with reading() as session:
        wanted = search.wanted(session)
        from_id = before if before and 0 < before < 2**63 else None
        entries = [] if search.wrong else queries.latest(session, wanted, before_id=from_id, limit=PAGE)
        people = people_of(session, entries)
    older = f"{search.query}&before={entries[-1].id}".lstrip("&") if len(entries) == PAGE else None
    frame = {"entries": entries, "people": people, "older": older}
    return desk.page("staff/audit.html", 422 if search.wrong else 200, search=search, **frame)


@policy.needs("staff", Permission.READ)
def one_entry(entry_id: int) -> Response:
    """One entry: what it says, value by value, and its seal."""
    with reading() as session:
        entry, digest = existing(queries.one(session, entry_id), NO_ENTRY)
        people = people_of(session, [entry])
    told = changes(entry.before, entry.after)
    return desk.page("staff/audit_entry.html", one=entry, digest=digest, people=people, changes=told)


@policy.needs("staff", Permission.AUDIT_FILES)
def export() -> Response:
    """All that is wanted, the oldest first; that somebody took it along is in the log as well."""
    search = Search.received()
    kind = Format.NDJSON if request.args.get("as") == "ndjson" else Format.CSV
    with transaction(quiet=True) as session:
        wanted, up_to = search.wanted(session), queries.newest(session)
        if search.wrong:
            return Response(" ".join(search.wrong.values()), 422, mimetype="text/plain")
        record(session, desk.actor(), "audit.export", "audit", after={"as": kind.value, **search.told(wanted)})
    headers = {"Content-Disposition": f'attachment; filename="audit.{kind.value}"'}
    lines = stream_with_context(log_files.lines(kind, _pages(wanted, up_to)))
    return Response(lines, 200, headers, mimetype=kind.media_type)


def _pages(wanted: Wanted, up_to: int) -> Iterator[log_files.Page]:
    """Each page in a short read of its own: a log of years neither fills the memory nor holds a transaction."""
    last = -(2**63)
    while True:
        with reading() as session:
            page = queries.sealed_after(session, wanted, last, up_to)
        if not page:
            return
        yield page
        last = page[-1][0].id


def people_of(session: Session, entries: Sequence[AuditEntry]) -> dict[str, str]:
    """The names of those actors that are staff, by actor."""
    found = {one.actor: number for one in entries if (number := _staff_id(one.actor)) is not None}
    known = accounts.names(session, set(found.values()))
    return {actor: known[number] for actor, number in found.items() if number in known}


def _staff_id(actor: str) -> int | None:
    kind, _, number = actor.partition(":")
    return int(number) if kind == "staff" and number.isascii() and number.isdigit() and len(number) < 10 else None
