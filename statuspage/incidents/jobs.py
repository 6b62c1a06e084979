"""What incidents do by time: words for each outage, and updates that were written for later."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import InstrumentedAttribute, Session

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.incidents import actions, queries
from statuspage.incidents.actions import outages
from statuspage.incidents.actions.outages import Speech
from statuspage.maintenance.queries import under_way
from statuspage.probing.models import Outage
from statuspage.probing.queries import hits_of, is_settled, outages_ended, outages_not_drafted


def draft_from_outages(locales: Sequence[str], zone: ZoneInfo) -> int:
    """One draft an outage, for staff to complete; what maintenance silences is not told. Returns how many."""
    now, speech = clock.now(), Speech(locales, zone)
    with reading() as session:
        if not outages_not_drafted(session):
            return 0
    with transaction(quiet=True) as session:  # a draft is for staff alone
        silenced = {component.id for work in under_way(session, now) for component in work.components}
        drafted = 0
        for outage in outages_not_drafted(session):
            if not is_settled(session, outage, now):
                continue
            hits = [one for one in hits_of(session, outage) if one.probe.component_id not in silenced]
            if hits and _claim(session, outage, Outage.drafted_at):
                outages.begin(session, outage, hits, speech)
                drafted += 1
            elif not hits and outage.ended_at is not None:
                _claim(session, outage, Outage.drafted_at)
    return drafted


def propose_ends(locales: Sequence[str], zone: ZoneInfo) -> int:
    """What to say of outages that are over, as drafts for staff. Returns how many."""
    with reading() as session:
        if not outages_ended(session):
            return 0
    with transaction(quiet=True) as session:
        return sum(
            outages.end(session, outage, Speech(locales, zone))
            for outage in outages_ended(session)
            if _claim(session, outage, Outage.closed_in_incident_at)
        )


def _claim(session: Session, outage: Outage, stamp: InstrumentedAttribute[datetime | None]) -> bool:
    """Stamp the outage; False when another worker was faster."""
    mine = update(Outage).where(Outage.id == outage.id, stamp.is_(None)).values({stamp: clock.now()})
    return session.execute(mine.returning(Outage.id)).scalar() is not None


def publish_due() -> int:
    """Publish the updates whose time has come. Returns how many."""
    with reading() as session:
        if not queries.due(session, clock.now()):
            return 0
    with transaction() as session:
        return actions.publish_due(session, clock.now())
