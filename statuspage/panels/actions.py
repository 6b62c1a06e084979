"""Changes panels, functions and components: windows, what is missing, overrides and notes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.db import CHANGED, Site
from statuspage.errors import Conflict, FieldError, Invalid, RuleBroken
from statuspage.i18n import noop
from statuspage.panels.models import Component, Function, Panel
from statuspage.panels.queries import component_at, panel_at
from statuspage.panels.rules import Days, Status, is_address, is_slug, overlap
from statuspage.texts.actions import keep
from statuspage.texts.rules import Prose, Texts

NOT_SAVED = noop("Nothing was saved. Please look at the fields below.")
OVERLAP = noop(
    "These days overlap with those of %(panel)s (%(window)s). Each day belongs to one panel: "
    "change that panel first, or choose other days here."
)
LARGEST_MARGIN = 7 * 24 * 60


@dataclass(frozen=True)
class About:
    """What a panel is: its words, its address, and the days whose accounts live on it."""

    name: Texts
    description: Prose | None
    login_url: str
    position: int
    days: Days
    opens_temporary: bool


@dataclass(frozen=True)
class Missing:
    """What data a panel has lost: as of when its data is, and the stretch that is missing."""

    cutoff_at: datetime | None
    cutoff_margin_minutes: int
    gap_from: datetime | None
    gap_until: datetime | None


def create(session: Session, slug: str, about: About, actor: Actor) -> Panel:
    """A new panel with all functions."""
    if not is_slug(slug):
        raise _wrong("slug", noop("Use small letters, digits and hyphens, like panel-a."))
    _check(session, about, but=None)
    panel = Panel(slug=slug)
    _describe(panel, about)
    session.add(panel)
    session.add_all(Component(panel=panel, function=one) for one in session.scalars(select(Function)))
    session.flush()
    record(session, actor, "panel.create", f"panel:{slug}", after=_public(panel))
    return panel


def edit(session: Session, slug: str, version: int, about: About, actor: Actor) -> Panel:
    """Other words or days for a panel that nobody has changed since `version`."""
    _check(session, about, but=slug)
    panel = _unchanged(session, slug, version)
    before = _public(panel)
    for field, new in (("name", about.name), ("description", about.description)):
        old = getattr(panel, field)
        if old is not None and old != new:
            keep(session, "panel", slug, field, old, at=clock.now(), by=actor.name)
    _describe(panel, about)
    record(session, actor, "panel.edit", f"panel:{slug}", before=before, after=_public(panel))
    return panel


def set_missing(session: Session, slug: str, version: int, missing: Missing, actor: Actor) -> None:
    """Say as of when the panel's data is, and which stretch is missing. A new gap is open."""
    if (missing.gap_from is None) != (missing.gap_until is None):
        raise _wrong("gap_until", noop("Give both ends of the gap, or neither."))
    if missing.gap_from and missing.gap_until and missing.gap_until <= missing.gap_from:
        raise _wrong("gap_until", noop("The gap must end after it begins."))
    if not 0 <= missing.cutoff_margin_minutes <= LARGEST_MARGIN:
        raise _wrong("cutoff_margin_minutes", noop("Give 0 to 10,080 minutes (a week)."))
    panel = _unchanged(session, slug, version)
    if (missing.gap_from, missing.gap_until) != (panel.gap_from, panel.gap_until):
        panel.gap_closed_at = None
    for field, value in vars(missing).items():
        setattr(panel, field, value)
    record(session, actor, "panel.missing", f"panel:{slug}", after=_said(missing))


def close_gap(session: Session, slug: str, actor: Actor) -> None:
    """The missing stretch has been caught up."""
    panel = panel_at(session, slug, lock=True)
    if panel.gap_from is None:
        raise RuleBroken(noop("This panel has no gap: there is nothing to close."))
    if panel.gap_closed_at is None:
        panel.gap_closed_at = clock.now()
        record(session, actor, "panel.gap.close", f"panel:{slug}")


def add_function(session: Session, slug: str, name: Texts, position: int, actor: Actor, *, key: bool) -> Function:
    """Something that customers do, on every panel."""
    if not is_slug(slug):
        raise _wrong("slug", noop("Use small letters, digits and hyphens, like import-orders."))
    session.execute(select(Site.id).with_for_update())
    function = Function(slug=slug, name=name, key=key, position=position)
    session.add(function)
    session.add_all(Component(panel=one, function=function) for one in session.scalars(select(Panel)))
    session.flush()
    record(session, actor, "function.create", f"function:{slug}", after={"key": key})
    return function


def override(session: Session, public_id: str, status: Status, reason: str, actor: Actor) -> None:
    """Show this status whatever probes and incidents say, until it is released."""
    if not reason.strip():
        raise _wrong("reason", noop("Say why, for your colleagues: the public does not see it."))
    component = component_at(session, public_id, lock=True)
    before = {"override": component.override}
    if component.override is not status:
        component.override_at = clock.now()
    component.override, component.override_reason = status, reason.strip()
    record(session, actor, "component.override", f"component:{public_id}", before=before, after={"override": status})


def release(session: Session, public_id: str, actor: Actor) -> None:
    """Let the component's sources speak again."""
    component = component_at(session, public_id, lock=True)
    if component.override is not None:
        record(session, actor, "component.release", f"component:{public_id}", before={"override": component.override})
        component.override = component.override_reason = component.override_at = None


def set_note(session: Session, public_id: str, note: Texts | None, actor: Actor) -> None:
    """What the public reads beside the status; None takes it away."""
    component = component_at(session, public_id, lock=True)
    if component.note == note:
        return
    if component.note is not None:
        keep(session, "component", public_id, "note", component.note, at=clock.now(), by=actor.name)
    component.note = note
    record(session, actor, "component.note", f"component:{public_id}")


def _check(session: Session, about: About, *, but: str | None) -> None:
    """Refuse what the public could not use. The site's row is locked, so that two new windows cannot cross."""
    if about.login_url and not is_address(about.login_url):
        raise _wrong("login_url", noop("Give a web address like https://panel-a.example.com/, or nothing."))
    days = about.days
    if days.accounts_from and days.accounts_until and days.accounts_until < days.accounts_from:
        raise _wrong("accounts_until", noop("The last day is before the first one."))
    session.execute(select(Site.id).with_for_update())
    for other in session.scalars(select(Panel).where(Panel.slug != but) if but else select(Panel)):
        if overlap(days, other):
            window = f"{other.accounts_from or '…'} – {other.accounts_until or '…'}"
            raise RuleBroken(OVERLAP, panel=other.slug, window=window)


def _describe(panel: Panel, about: About) -> None:
    panel.name, panel.description = about.name, about.description
    panel.login_url, panel.position = about.login_url, about.position
    panel.accounts_from, panel.accounts_until = about.days.accounts_from, about.days.accounts_until
    panel.opens_temporary = about.opens_temporary


def _unchanged(session: Session, slug: str, version: int) -> Panel:
    panel = panel_at(session, slug, lock=True)
    if panel.version != version:
        raise Conflict(CHANGED)
    return panel


def _public(panel: Panel) -> dict[str, object]:
    days = {"from": panel.accounts_from, "until": panel.accounts_until}
    kept = {name: day.isoformat() if day else None for name, day in days.items()}
    return {**kept, "login_url": panel.login_url, "opens_temporary": panel.opens_temporary}


def _said(missing: Missing) -> dict[str, object]:
    return {name: str(value) if isinstance(value, datetime) else value for name, value in vars(missing).items()}


def _wrong(field: str, reason: str) -> Invalid:
    return Invalid(NOT_SAVED, (FieldError(f"/{field}", reason),))
