"""Changes panels, functions and components: windows, what is missing, overrides and notes."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.db import CHANGED, Site
from statuspage.errors import Conflict, FieldError, Invalid, RuleBroken
from statuspage.i18n import noop
from statuspage.panels.models import Component, Function, Panel
from statuspage.panels.queries import component_at, function_at, panel_at
from statuspage.panels.rules import Days, Status, in_words, is_address, is_slug, overlap
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


def create(session: Session, slug: str, about: About, actor: Actor, *, days_agreed: bool = False) -> Panel:
    """A new panel with all functions. `days_agreed`: the caller has compared the days of all panels."""
    if not is_slug(slug):
        raise _wrong("slug", noop("Use small letters, digits and hyphens, like panel-a."))
    _check(about)
    if not days_agreed:
        _check_days(session, about.days, but=None)
    panel = Panel(slug=slug)
    _describe(panel, about)
    session.add(panel)
    session.add_all(Component(panel=panel, function=one) for one in session.scalars(select(Function)))
    session.flush()
    record(session, actor, "panel.create", f"panel:{slug}", after=_public(panel))
    return panel


def edit(session: Session, slug: str, version: int, about: About, actor: Actor, *, days_agreed: bool = False) -> Panel:
    """Other words or days for a panel that nobody has changed since `version`."""
    _check(about)
    panel = _unchanged(session, slug, version)
    if not days_agreed:
        _check_days(session, about.days, but=slug)
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


def edit_function(session: Session, slug: str, name: Texts, position: int, actor: Actor, *, key: bool) -> None:
    """Another name or place for a function, or whether it is a key one."""
    function = function_at(session, slug, lock=True)
    if function.name != name:
        keep(session, "function", slug, "name", function.name, at=clock.now(), by=actor.name)
    before = {"key": function.key}
    function.name, function.key, function.position = name, key, position
    record(session, actor, "function.edit", f"function:{slug}", before=before, after={"key": key})


def remove(session: Session, slug: str, actor: Actor) -> None:
    """A panel goes, with its components and what was measured of them. The caller knows that no story hangs on it."""
    panel = panel_at(session, slug, lock=True)
    record(session, actor, "panel.remove", f"panel:{slug}", before=_public(panel))
    session.execute(delete(Panel).where(Panel.slug == slug))


def remove_function(session: Session, slug: str, actor: Actor) -> None:
    """A function goes from every panel. The caller knows that no story hangs on it."""
    function = function_at(session, slug, lock=True)
    record(session, actor, "function.remove", f"function:{slug}", before={"key": function.key})
    session.execute(delete(Function).where(Function.slug == slug))


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


def _check(about: About) -> None:
    """Refuse what the public could not use."""
    if about.login_url and not is_address(about.login_url):
        raise _wrong("login_url", noop("Give a web address like https://panel-a.example.com/, or nothing."))
    if not about.days.are_in_order:
        raise _wrong("accounts_until", noop("The last day is before the first one."))


def _check_days(session: Session, days: Days, *, but: str | None) -> None:
    """Refuse days of another panel. The site's row is locked, so that two new windows cannot cross.

    Who has locked a panel, as outages do, takes the site's row after it.
    """
    session.execute(select(Site.id).with_for_update())
    for other in session.scalars(select(Panel).where(Panel.slug != but) if but else select(Panel)):
        if overlap(days, other):
            raise RuleBroken(OVERLAP, panel=other.slug, window=in_words(other))


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
