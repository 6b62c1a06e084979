"""What incidents do by time: a draft from each outage, and updates that were written for later."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.db import reading, transaction
from statuspage.i18n import clock_time, noop, translate
from statuspage.incidents import actions, queries
from statuspage.incidents.rules import Impact, Says, Stage, Word
from statuspage.maintenance.queries import under_way
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage
from statuspage.probing.queries import is_settled, outages_not_drafted
from statuspage.texts.rules import prose, texts

PROBING = Actor("system:probing")
TITLE = noop("Problems on %(panel)s")
BODY = noop(
    "Since %(since)s our checks get no proper answer from %(panel)s: %(functions)s. "
    "We are looking for the cause and will say here what we find."
)


def draft_from_outages(locales: Sequence[str], zone: ZoneInfo) -> int:
    """One draft an outage, for staff to complete; what maintenance silences is not told. Returns how many."""
    now = clock.now()
    with reading() as session:
        if not outages_not_drafted(session):
            return 0
    with transaction(quiet=True) as session:  # a draft is for staff alone
        silenced = {component.id for work in under_way(session, now) for component in work.components}
        drafted = 0
        for outage in outages_not_drafted(session):
            hit = {one.probe.component for one in outage.hits if one.probe.component_id not in silenced}
            if hit and is_settled(session, outage, now) and _claim(session, outage):
                _draft(session, outage, sorted(hit, key=lambda one: one.function.position), locales, zone)
                drafted += 1
            elif not hit and outage.ended_at is not None:
                _claim(session, outage)
    return drafted


def _claim(session: Session, outage: Outage) -> bool:
    """Stamp the outage; False when another worker was faster."""
    mine = update(Outage).where(Outage.id == outage.id, Outage.drafted_at.is_(None)).values(drafted_at=clock.now())
    return session.execute(mine.returning(Outage.id)).scalar() is not None


def _draft(
    session: Session, outage: Outage, components: Sequence[Component], locales: Sequence[str], zone: ZoneInfo
) -> None:
    title, body = {}, {}
    for locale in locales:
        panel = outage.panel.name.read(locale).text
        functions = ", ".join(one.function.name.read(locale).text for one in components)
        since = clock_time(locale, outage.started_at, zone)
        title[locale] = translate(locale, TITLE, panel=panel)
        body[locale] = translate(locale, BODY, panel=panel, functions=functions, since=since)
    affected = tuple(Says(one.public_id, Status.MAJOR) for one in components)
    actions.draft(
        session,
        PROBING,
        outage,
        title=texts(title, locales[0]),
        impact=Impact.CRITICAL if any(one.function.key for one in components) else Impact.MAJOR,
        first=Word(Stage.INVESTIGATING, prose(body, locales[0]), affected),
    )


def publish_due() -> int:
    """Publish the updates whose time has come. Returns how many."""
    with reading() as session:
        if not queries.due(session, clock.now()):
            return 0
    with transaction() as session:
        return actions.publish_due(session, clock.now())
