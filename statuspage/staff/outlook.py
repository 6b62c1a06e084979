"""What readers will get of an update that is being written: done as publishing does it, shown, and undone."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from flask import Flask, Response, request
from sqlalchemy.orm import Session

from statuspage import clock, i18n, phrases
from statuspage.db import reading, rehearsal
from statuspage.errors import Unavailable
from statuspage.i18n import noop
from statuspage.incidents import queries
from statuspage.incidents.models import IncidentUpdate
from statuspage.incidents.rules import Word
from statuspage.publishing.queries import telling
from statuspage.publishing.samples import Rehearsed, Sample
from statuspage.staff import desk
from statuspage.staff.incident_forms import Composer, DraftForm, NewIncident, UpdateFields
from statuspage.staff.permissions import Permission
from statuspage.staff.promised import FIELDS
from statuspage.texts.rules import Freshness, Texts
from statuspage.web import policy
from statuspage.web.site import site

# All news, and those of the incident; each panel that it touches has one more.
FEEDS = 2
BUSY = noop("The preview cannot be made right now; it comes with your next keystroke.")
Tell = Callable[[Session, Word], IncidentUpdate]


@dataclass(frozen=True)
class Shown:
    """What readers of one language get; `lacks` names what is not in their language."""

    locale: str
    page: Sample
    entries: Sequence[Sample]
    lacks: Sequence[str]


@dataclass(frozen=True)
class Outlook:
    """What will happen when the button is pressed."""

    act: str
    panels: Sequence[Texts]
    shown: Sequence[Shown]
    rehearsed: Rehearsed
    estimate: str | None


def register(app: Flask) -> None:
    one = "/staff/incidents/<public_id>/"
    app.add_url_rule("/staff/incidents/new/preview", "staff.preview_new", of_new, methods=["POST"])
    app.add_url_rule(f"{one}update/preview", "staff.preview_update", of_update, methods=["POST"])
    app.add_url_rule(f"{one}drafts/<uuid:uuid>/preview", "staff.preview_draft", of_draft, methods=["POST"])


@policy.needs("staff", Permission.PREVIEW)
def of_new() -> Response:
    with reading() as session:
        form = NewIncident.blank(session)
    return answer(form, form.rehearse)


@policy.needs("staff", Permission.PREVIEW)
def of_update(public_id: str) -> Response:
    with reading() as session:
        form = Composer.on(session, queries.by_public_id(session, public_id))
    return answer(form, lambda session, word: form.rehearse(session, public_id, word))


@policy.needs("staff", Permission.PREVIEW)
def of_draft(public_id: str, uuid: UUID) -> Response:
    with reading() as session:
        form = DraftForm.of(session, queries.update_of(session, public_id, uuid))
    return answer(form, lambda session, word: form.rehearse(session, uuid, word))


def answer(form: UpdateFields, tell: Tell) -> Response:
    """A page of its own, or the fragment that compose.js asks for."""
    form.accepted()
    rehearsed = None if form.csrf_token.errors else rehearse(form, tell)
    outlook = foresee(form, rehearsed) if rehearsed else None
    fragment = "fragment" in request.form
    template = "staff/outlook_fragment.html" if fragment else "staff/outlook.html"
    status = 200 if outlook else form.status
    return desk.page(template, status, form=form, outlook=outlook, linked=fragment)


def rehearse(form: UpdateFields, tell: Tell) -> Rehearsed | None:
    """What publishing would come to; None where there is nothing to show, and then the form says why."""
    word = form.usable()
    if word is None:
        return None
    try:
        with form.refusals(), rehearsal() as session:
            return _tried(session, form, partial(tell, session, word))
    except Unavailable:
        form.refuse(BUSY, 503)
    return None


def _tried(session: Session, form: UpdateFields, tell: Callable[[], IncidentUpdate]) -> Rehearsed:
    update, before = tell(), site().snapshot()
    uuid, incident = update.uuid, update.incident_id
    promises = form.promises() and not any(form[name].errors for name in ("about", *FIELDS))
    if promises:
        form.keep_promise(session)
    after = telling(session, before, incident, clock.now())
    view = after.incidents[0]
    ledger = after.ledger(*form.promised()) if promises else None
    return Rehearsed(after, view, next(one for one in view.updates if one.uuid == uuid), ledger)


def foresee(form: UpdateFields, rehearsed: Rehearsed) -> Outlook:
    """It in words of the desk, and as its readers get it."""
    lacks = dict(_lacking(rehearsed))
    shown = [_shown(locale, rehearsed, lacks[locale]) for locale in site().settings.locales]
    panels = shown[0].entries[0].panels
    names = [rehearsed.snapshot.panel_by_slug[slug].name for slug in panels if slug in rehearsed.snapshot.panel_by_slug]
    estimate = None
    if rehearsed.ledger is not None:
        subject = phrases.subject(desk.locale(), rehearsed.snapshot, *form.promised())
        told = phrases.expected(desk.locale(), rehearsed.ledger.promises, site().settings.zone)
        estimate = f"{subject}: {told}"
    return Outlook(_act(form, FEEDS + len(names)), names, shown, rehearsed, estimate)


def _shown(locale: str, rehearsed: Rehearsed, lacks: Sequence[str]) -> Shown:
    tellers = site().tellers
    (page,), entries = tellers["page"](locale, rehearsed), tellers["feed"](locale, rehearsed)
    return Shown(locale, page, entries, lacks)


def _lacking(rehearsed: Rehearsed) -> Iterator[tuple[str, Sequence[str]]]:
    """What is not there in each language."""
    promise = rehearsed.ledger.current if rehearsed.ledger else None
    notes = [change.note for change in rehearsed.update.changes if change.note]
    said: Mapping[str, Sequence[Texts | None]] = {
        noop("Title"): [rehearsed.incident.title],
        noop("Update"): [rehearsed.update.body],
        noop("Note"): notes,
        noop("According to whom"): [promise.source if promise else None],
        noop("In their words"): [promise.quote if promise else None],
    }
    for locale in site().settings.locales:
        fresh = Freshness.FRESH
        yield (
            locale,
            [
                label
                for label, texts in said.items()
                if any(one and one.freshness(locale) is not fresh for one in texts)
            ],
        )


def _act(form: UpdateFields, feeds: int) -> str:
    """What the button does, in its own words."""
    late: Any = getattr(form, "told_at", None)
    locale = desk.locale()
    if late is not None and late.data:
        return desk.say(noop("Put it into the history"))
    if form.publish_at.data:
        at = i18n.moment(locale, form.publish_at.data, site().settings.zone)
        return desk.say(noop("Have it go out: %(at)s"), at=at)
    return i18n.translate_plural(
        locale, "Publish to the page and %(num)s feed", "Publish to the page and %(num)s feeds", feeds
    )
