"""Reads the ledger of estimates."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.errors import NotFound
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Known, Subject
from statuspage.i18n import noop
from statuspage.panels.models import Panel
from statuspage.panels.queries import components_named

STAGE = re.compile(r"[a-z][a-z_-]{0,39}")


def known(session: Session, kind: Subject, public_id: str) -> Known:
    """A panel, component or stage, seen to exist and held until the transaction ends. Raises `NotFound`.

    Its panel's row is locked: two estimates about one subject then come one after the other, also the first two.
    Incidents are known to `incidents.queries.known`, which knows all kinds.
    """
    panel, _, part = public_id.partition(".")
    is_held = _hold(session, panel)
    is_whole = {
        Subject.PANEL: not part,
        Subject.COMPONENT: is_held and bool(components_named(session, [public_id])),
        Subject.STAGE: bool(STAGE.fullmatch(part)),
    }
    if not is_held or not is_whole.get(kind, False):
        raise NotFound(noop("There is nothing of this name that could be promised back."))
    return Known(kind, public_id)


def _hold(session: Session, panel: str) -> bool:
    return session.scalar(select(Panel.id).where(Panel.slug == panel).with_for_update(key_share=True)) is not None


def ledger(session: Session, kind: Subject, public_id: str) -> Sequence[Estimate]:
    """All promises about one subject, oldest first."""
    found = select(Estimate).where(Estimate.subject_kind == kind, Estimate.subject_id == public_id)
    return session.scalars(found.order_by(Estimate.id)).all()


def ledgers(session: Session) -> Mapping[tuple[Subject, str], Sequence[Estimate]]:
    """Every ledger, by subject, oldest promise first."""
    found: defaultdict[tuple[Subject, str], list[Estimate]] = defaultdict(list)
    for one in session.scalars(select(Estimate).order_by(Estimate.id)):
        found[one.subject_kind, one.subject_id].append(one)
    return found


def open_promise(session: Session, subject: Known) -> Estimate | None:
    """The promise that stands now."""
    found = select(Estimate).where(Estimate.subject_kind == subject.kind, Estimate.subject_id == subject.public_id)
    return session.scalar(found.where(Estimate.closed_at.is_(None)).execution_options(populate_existing=True))


def by_uuid(session: Session, uuid: UUID) -> Estimate:
    """One promise. Raises `NotFound`."""
    found = session.scalar(select(Estimate).where(Estimate.uuid == uuid))
    if found is None:
        raise NotFound(noop("There is no such estimate."))
    return found
