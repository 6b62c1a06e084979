"""What waits for somebody at the desk: each line with the page on which it is done."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock, i18n, phrases
from statuspage.failures.queries import failing
from statuspage.i18n import noop
from statuspage.incidents.models import HandoverNote, Incident, IncidentUpdate
from statuspage.incidents.rules import is_silent
from statuspage.leases.queries import is_held
from statuspage.leases.rules import LEASE
from statuspage.maintenance.rules import Phase
from statuspage.publishing.snapshot import Snapshot
from statuspage.recovery.models import BacklogRequest, LinkRequest
from statuspage.recovery.queries.backlog import OPEN
from statuspage.staff import desk
from statuspage.texts.rules import Freshness, Texts
from statuspage.unsent import queries as unsent
from statuspage.web.site import site

SOON = timedelta(hours=24)
AT_MOST = 20
STALE_AFTER = timedelta(seconds=90)


@dataclass(frozen=True)
class Need:
    """One line: what kind of need, about what, since or until when, and where it is done."""

    kind: str
    about: str
    href: str = ""
    at: datetime | None = None


def needs(session: Session, snapshot: Snapshot | None, now: datetime) -> Iterator[Need]:
    """All that needs somebody, the most urgent first."""
    yield from _machine(session, now)
    if snapshot is not None:
        yield from _told(snapshot, now)
    yield from _handed_over(session)
    yield from _drafts(session)
    yield from _unsent(session)
    yield from _requests(session)
    if snapshot is not None:
        yield from _planned(snapshot, now)
        yield from list(_untranslated(snapshot))[:AT_MOST]


def _machine(session: Session, now: datetime) -> Iterator[Need]:
    if not is_held(session, LEASE, clock.wall()):
        yield Need(noop("No worker is running"), desk.say(noop("nothing is looked at, and nothing goes out by itself")))
    version = site().store.current
    if version.as_of and now - datetime.fromisoformat(version.as_of) > STALE_AFTER:
        yield Need(noop("The page is old"), "", "/", datetime.fromisoformat(version.as_of))
    for path in version.facts.failed[:AT_MOST]:
        yield Need(noop("This page cannot be made and keeps its old content"), path, path if path[0] == "/" else "")
    for one in failing(session, clock.wall()):
        # The machine's clock, as the log has it: in the demo that is not the one of the story.
        since = f"{one.since.astimezone(site().settings.zone):%Y-%m-%d %H:%M %Z}"
        words = noop("%(job)s (%(reason)s), since %(since)s: the worker’s log says more")
        yield Need(noop("A job fails"), desk.say(words, job=one.job, reason=one.reason, since=since))


def _told(snapshot: Snapshot, now: datetime) -> Iterator[Need]:
    """Promises that passed, and silence."""
    limit = timedelta(hours=site().settings.silence_hours)
    for one in snapshot.open_incidents:
        place, title = f"/staff/incidents/{one.public_id}/update", _read(one.title)
        last = one.updates[-1].published_at if one.updates else one.published_at
        if one.promise_passed(now):
            yield Need(noop("An update was promised"), title, place, one.next_update_by)
        elif is_silent(last, one.status, limit, now):
            yield Need(noop("Nothing posted for long"), title, place, last)
    for ledger in snapshot.ledgers:
        if ledger.current and ledger.current.is_overdue(now):
            about = phrases.subject(desk.locale(), snapshot, ledger.kind, ledger.subject)
            place = f"/staff/estimates/new?about={ledger.kind}:{ledger.subject}"
            yield Need(noop("An estimate is overdue"), about, place, ledger.current.ends_at)


def _handed_over(session: Session) -> Iterator[Need]:
    """The newest note of each open incident: whoever comes on shift reads it first."""
    newest = select(func.max(HandoverNote.id)).group_by(HandoverNote.incident_id)
    found = select(HandoverNote, Incident).join(Incident, Incident.id == HandoverNote.incident_id)
    for note, incident in session.execute(found.where(HandoverNote.id.in_(newest)).order_by(HandoverNote.id.desc())):
        if not incident.status.is_over:
            place = f"/staff/incidents/{incident.public_id}/#handover"
            yield Need(noop("Handed over to you"), _read(incident.title), place, note.written_at)


def _drafts(session: Session) -> Iterator[Need]:
    """Incidents that checks began, and words that wait to be published."""
    found = select(Incident).where(Incident.published_at.is_(None)).order_by(Incident.id.desc()).limit(AT_MOST)
    for one in session.scalars(found):
        kind = noop("A check began a draft") if one.outage_id else noop("A draft")
        yield Need(kind, _read(one.title), f"/staff/incidents/{one.public_id}/", one.started_at)
    words = select(IncidentUpdate).join(IncidentUpdate.incident).order_by(IncidentUpdate.id.desc()).limit(AT_MOST)
    words = words.where(IncidentUpdate.published_at.is_(None), Incident.published_at.is_not(None))
    for update in session.scalars(words):
        place = f"/staff/incidents/{update.incident.public_id}/drafts/{update.uuid}"
        kind = noop("An update goes out by itself") if update.publish_at else noop("An update waits as a draft")
        yield Need(kind, _read(update.incident.title), place, update.publish_at)


def _unsent(session: Session) -> Iterator[Need]:
    for one in unsent.of(session, desk.me().staff_id)[:AT_MOST]:
        yield Need(noop("Typed and not sent"), one.title or one.place, f"{one.place}?unsent={one.uuid}", one.saved_at)


def _requests(session: Session) -> Iterator[Need]:
    """What customers wait for."""
    asked = select(func.count(), func.min(BacklogRequest.asked_at)).where(BacklogRequest.state.in_(OPEN))
    many, first = session.execute(asked).one()
    if many:
        words = i18n.translate_plural(desk.locale(), "%(num)s request", "%(num)s requests", many)
        yield Need(noop("Customers ask for what is missing"), words, "/staff/recovery/requests/", first)
    wishes = select(func.count(LinkRequest.login_hash.distinct())).where(LinkRequest.handled_at.is_(None))
    if (many := session.scalar(wishes) or 0) > 0:
        words = i18n.translate_plural(desk.locale(), "%(num)s account", "%(num)s accounts", many)
        yield Need(noop("Customers wait for their link"), words, "/staff/recovery/")


def _planned(snapshot: Snapshot, now: datetime) -> Iterator[Need]:
    for one in snapshot.maintenance:
        if one.phase is Phase.SCHEDULED and now <= one.starts_at <= now + SOON:
            yield Need(noop("Planned work begins"), _read(one.title), _work(one.public_id), one.starts_at)


def _untranslated(snapshot: Snapshot) -> Iterator[Need]:
    """Texts that readers of a language get in another one: of articles, work, and what incidents say now."""
    for article in snapshot.articles:
        yield from _lacking((article.title, article.body), article.title, f"/staff/faq/{article.slug}/")
    for work in snapshot.maintenance:
        if work.phase is not Phase.COMPLETED:
            yield from _lacking((work.title, work.body), work.title, f"{_work(work.public_id)}edit")
    for one in snapshot.open_incidents:
        here = f"/staff/incidents/{one.public_id}/"
        yield from _lacking((one.title,), one.title, f"{here}edit")
        yield from _lacking((one.summary,) if one.summary else (), one.title, f"{here}summary")
        for last in one.updates[-1:]:
            yield from _lacking((last.body,), one.title, f"{here}updates/{last.uuid}")


def _lacking(texts: Sequence[Texts], title: Texts, place: str) -> Iterator[Need]:
    for locale in site().settings.locales:
        found = {text.freshness(locale) for text in texts}
        about = f"{_read(title)} ({i18n.NAMES[locale]})"
        if Freshness.STALE in found:
            yield Need(noop("A translation is older than its text"), about, place)
        elif Freshness.MISSING in found:
            yield Need(noop("A translation is missing"), about, place)


def _work(public_id: str) -> str:
    return f"/staff/maintenance/{public_id}/"


def _read(text: Texts) -> str:
    return text.read(desk.locale()).text
