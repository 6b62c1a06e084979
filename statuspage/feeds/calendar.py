"""Planned work as a calendar (RFC 5545), made by icalendar from the snapshot; the only module that knows it."""

from collections.abc import Iterator
from datetime import UTC, timedelta
from functools import partial
from uuid import uuid5

from icalendar import Calendar, Event

from statuspage.feeds.writing import cleaned
from statuspage.i18n import NAMES, moment, noop, translate
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import MaintenanceView
from statuspage.texts.rules import Freshness, Texts, to_lines
from statuspage.web.pages import Pages

ASK_AGAIN = timedelta(hours=1)
MARKS = {
    Freshness.MISSING: noop("There is no translation yet. The original (%(language)s):"),
    Freshness.STALE: noop("The translation is older than the original, so here is the original (%(language)s):"),
}


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    """The calendar in each locale: work that is planned, was done, or was cancelled."""
    works = (*snapshot.maintenance, *snapshot.cancelled)
    names = [(panel.slug, panel.name) for panel in snapshot.panels]
    for locale in pages.locales:
        inputs = (locale, snapshot.brand, snapshot.site, works, names)
        render = partial(_render, pages, locale, snapshot, works)
        yield Document(pages.href("calendar", locale), "text/calendar", inputs, render, cross_origin=True)


def _render(pages: Pages, locale: str, snapshot: Snapshot, works: tuple[MaintenanceView, ...]) -> bytes:
    calendar = Calendar()
    name = f"{snapshot.brand.name} · {translate(locale, 'Planned work')}"
    calendar.add("prodid", "-//statuspage//statuspage//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", cleaned(name))
    calendar.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    for work in works:
        calendar.add_component(_event(pages, locale, snapshot, work))
    found: bytes = calendar.to_ical()
    return found


def _event(pages: Pages, locale: str, snapshot: Snapshot, work: MaintenanceView) -> Event:
    cancelled, told_at = work.cancelled_at is not None, work.told_at.astimezone(UTC)
    event = Event()
    event.add("uid", f"{uuid5(snapshot.site, f'maintenance:{work.public_id}')}")
    event.add("dtstamp", told_at)
    event.add("created", work.announced_at.astimezone(UTC))
    event.add("last-modified", told_at)
    # Grows with each change, and needs no counter to be kept.
    event.add("sequence", int((told_at - work.announced_at).total_seconds()))
    event.add("dtstart", work.starts_at.astimezone(UTC))
    event.add("dtend", work.ends_at.astimezone(UTC))
    event.add("summary", cleaned(translate(locale, "Planned work: %(title)s", title=work.title.read(locale).text)))
    event.add("status", "CANCELLED" if cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    event.add("categories", [cleaned(word) for word in _categories(locale, snapshot, work)])
    if cancelled:
        event.add("description", translate(locale, "This work was cancelled."))
        return event
    address = snapshot.brand.base_url + pages.href("maintenance", locale, work.public_id)
    event.add("description", cleaned("\n\n".join([*_words(locale, snapshot, work), address])))
    event.add("url", address)
    return event


def _categories(locale: str, snapshot: Snapshot, work: MaintenanceView) -> Iterator[str]:
    touched = {component.partition(".")[0] for component in work.components}
    yield translate(locale, "planned work")
    yield from (panel.name.read(locale).text for panel in snapshot.panels if panel.slug in touched)


def _words(locale: str, snapshot: Snapshot, work: MaintenanceView) -> Iterator[str]:
    """The latest update, then what was announced."""
    if work.updates:
        latest = work.updates[-1]
        at = moment(locale, latest.published_at, snapshot.brand.zone)
        yield f"{translate(locale, 'Latest update, %(at)s:', at=at)}\n{_plain(locale, latest.body)}"
    yield _plain(locale, work.body)


def _plain(locale: str, text: Texts) -> str:
    """A text in lines; one that is not in the reader's language says so first."""
    reading = text.read(locale)
    words = to_lines(reading.text)
    if reading.freshness is Freshness.FRESH:
        return words
    language = NAMES[reading.locale]
    return f"{translate(locale, MARKS[reading.freshness], language=language)}\n{words}"
