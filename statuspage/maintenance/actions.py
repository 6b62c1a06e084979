"""Announces planned work, tells how it goes, cancels it."""

import base64
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.db import same_version
from statuspage.errors import FieldError, Invalid, NotFound, RuleBroken
from statuspage.i18n import noop
from statuspage.maintenance.models import Maintenance, MaintenanceUpdate
from statuspage.maintenance.queries import phase_now
from statuspage.maintenance.rules import Phase, may_follow
from statuspage.panels.models import Component
from statuspage.panels.queries import components_named
from statuspage.texts.actions import keep
from statuspage.texts.rules import Prose, Texts, revise


@dataclass(frozen=True)
class Window:
    """When the work is done, and on which components (`panel-a.warehouse`)."""

    starts_at: datetime
    ends_at: datetime
    components: tuple[str, ...]


def announce(
    session: Session,
    actor: Actor,
    *,
    title: Texts,
    body: Prose,
    window: Window,
    form_key: str | None = None,
    at: datetime | None = None,
) -> Maintenance:
    """Planned work that readers can see from now on. The same `form_key` announces once."""
    if (before := _by_key(session, form_key)) is not None:
        return before
    _must_say("/title", title)
    _must_say("/body", body)
    now = at or clock.now()
    planned = Maintenance(
        public_id=base64.b32encode(secrets.token_bytes(7))[:10].decode().lower(),
        title=title,
        body=body,
        announced_at=now,
        changed_at=now,
        form_key=form_key,
        **_checked(session, window),
    )
    try:
        with session.begin_nested():
            session.add(planned)
    except IntegrityError:
        if (twin := _by_key(session, form_key)) is None:
            raise
        return twin
    _audit(session, actor, "announce", planned, after=_facts(planned))
    return planned


def edit(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    title: Texts | Mapping[str, str],
    body: Prose | Mapping[str, str],
    window: Window,
    version: int | None = None,
) -> Maintenance:
    """Change what is planned; earlier texts are kept."""
    planned = _locked(session, public_id)
    same_version(planned.version, version)
    before = _facts(planned)
    new_title, new_body = revise(planned.title, title), revise(planned.body, body)
    _must_say("/title", new_title)
    _must_say("/body", new_body)
    for field, old, new in (("title", planned.title, new_title), ("body", planned.body, new_body)):
        if old != new:
            keep(session, "maintenance", public_id, field, old, at=clock.now(), by=actor.name)
            setattr(planned, field, new)
    for name, value in _checked(session, window).items():
        setattr(planned, name, value)
    planned.changed_at = clock.now()
    flag_modified(planned, "title")  # other components alone would leave the row, and so its version, as they are
    _audit(session, actor, "edit", planned, before=before, after=_facts(planned))
    return planned


def post_update(
    session: Session,
    actor: Actor,
    public_id: str,
    *,
    phase: Phase,
    body: Prose,
    form_key: str | None = None,
    at: datetime | None = None,
) -> MaintenanceUpdate:
    """Say how the work goes. The same `form_key` says it once."""
    planned, now = _locked(session, public_id), at or clock.now()
    if (before := _update_by_key(session, form_key)) is not None:
        return before
    _must_say("/body", body)
    if not may_follow(phase_now(planned, now), phase):
        raise RuleBroken(noop("Planned work does not go back to an earlier phase. Announce new work instead."))
    highest = select(func.max(MaintenanceUpdate.sequence)).where(MaintenanceUpdate.maintenance_id == planned.id)
    update = MaintenanceUpdate(
        maintenance=planned,
        sequence=(session.scalar(highest) or 0) + 1,
        phase=phase,
        body=body,
        published_at=now,
        form_key=form_key,
    )
    session.add(update)
    session.flush()
    _audit(session, actor, "post_update", planned, after={"update": str(update.uuid), "phase": phase.value})
    return update


def cancel(session: Session, actor: Actor, public_id: str, *, at: datetime | None = None) -> Maintenance:
    """Take planned work off the page; cancelled twice is cancelled once."""
    planned = _locked(session, public_id, cancelled=True)
    now = at or clock.now()
    if planned.cancelled_at is not None:
        return planned
    if phase_now(planned, now) is Phase.COMPLETED:
        raise RuleBroken(noop("This work is done: it cannot be cancelled any more."))
    planned.cancelled_at = now
    _audit(session, actor, "cancel", planned, after={"cancelled_at": now.isoformat()})
    return planned


def put_back(session: Session, actor: Actor, public_id: str) -> Maintenance:
    """Take back a cancellation that was a mistake, as long as the work is not over."""
    planned, now = _locked(session, public_id, cancelled=True), clock.now()
    if planned.cancelled_at is None:
        return planned
    if planned.ends_at <= now:
        raise RuleBroken(noop("The time of this work is over. Announce it anew."))
    before = {"cancelled_at": planned.cancelled_at.isoformat()}
    planned.cancelled_at, planned.changed_at = None, now
    _audit(session, actor, "put_back", planned, before=before)
    return planned


def _locked(session: Session, public_id: str, *, cancelled: bool = False) -> Maintenance:
    found = select(Maintenance).where(Maintenance.public_id == public_id)
    planned = session.scalar(found.with_for_update().execution_options(populate_existing=True))
    if planned is None:
        raise NotFound(noop("There is no such maintenance."))
    if planned.cancelled_at is not None and not cancelled:
        raise RuleBroken(noop("This work was cancelled. Announce it anew."))
    return planned


def _by_key(session: Session, form_key: str | None) -> Maintenance | None:
    return session.scalar(select(Maintenance).where(Maintenance.form_key == form_key)) if form_key else None


def _update_by_key(session: Session, form_key: str | None) -> MaintenanceUpdate | None:
    found = select(MaintenanceUpdate).where(MaintenanceUpdate.form_key == form_key)
    return session.scalar(found) if form_key else None


def _checked(session: Session, window: Window) -> dict[str, Any]:
    """The columns of a window that makes sense."""
    if window.ends_at <= window.starts_at:
        _refuse("/ends_at", noop("The work must end after it starts."))
    if not window.components:
        _refuse("/components", noop("Choose what the work touches."))
    return {
        "starts_at": window.starts_at,
        "ends_at": window.ends_at,
        "components": _components(session, window.components),
    }


def _components(session: Session, names: Collection[str]) -> list[Component]:
    found = components_named(session, names)
    for name in names:
        if name not in found:
            _refuse(f"/components/{name}", noop("There is no such component."))
    return [found[name] for name in dict.fromkeys(names)]


def _must_say(path: str, words: Texts) -> None:
    if not words.by_locale.get(words.source, "").strip():
        _refuse(path, noop("Write something here, in one language at least."))


def _refuse(path: str, message: str) -> NoReturn:
    raise Invalid(message, (FieldError(path, message),))


def _audit(session: Session, actor: Actor, act: str, planned: Maintenance, **facts: dict[str, Any] | None) -> None:
    record(session, actor, f"maintenance.{act}", f"maintenance:{planned.public_id}", **facts)


def _facts(planned: Maintenance) -> dict[str, Any]:
    return {
        "title": dict(planned.title.by_locale),
        "starts_at": planned.starts_at.isoformat(),
        "ends_at": planned.ends_at.isoformat(),
        "components": [one.public_id for one in planned.components],
    }
