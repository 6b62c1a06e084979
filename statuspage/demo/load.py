"""Loads the whole scenario as of a moment."""

from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.accounts.models import Staff
from statuspage.audit.actions import unguarded
from statuspage.db import Model, Site
from statuspage.demo import articles, asking, days, incidents, looks, places, promises, restoration, work
from statuspage.demo.story import ZONE
from statuspage.errors import RuleBroken
from statuspage.incidents.models import Incident
from statuspage.panels.models import Panel
from statuspage.probing.models import Probe


def is_loaded(session: Session) -> bool:
    """Whether the database holds the demo already. Raises `RuleBroken` when it holds something else."""
    if session.scalar(select(Site.is_demo)):
        return True
    if any(session.scalar(select(model.id).limit(1)) is not None for model in (Panel, Staff, Incident)):
        raise RuleBroken(
            "this database holds data that is not the demo's, and the demo would delete it: "
            "set STATUSPAGE_DATABASE_URL or STATUSPAGE_INSTANCE_DIR to another place for the demo"
        )
    return False


def load(session: Session, at: datetime) -> None:
    """Replace all that the database holds by the scenario as of `at`, and let time go on from there."""
    empty(session)
    _live_at(session, at)
    where = places.write(session, at)
    incidents.write(session, where, at)
    promises.write(session, at)
    work.write(session, where, at)
    articles.write(session, at)
    restoration.write(session, at)
    asking.write(session, at)
    looks.write(session, where, at)
    days.write(session, where, at.astimezone(ZONE).date(), at)
    # Loading took its time; the story begins when all is there.
    _live_at(session, at)


def empty(session: Session) -> None:
    """Delete all but the site itself, its audit log included: the story begins anew."""
    with unguarded(session):
        for table in reversed(Model.metadata.sorted_tables):
            if table.name != Site.__tablename__:
                session.execute(delete(table))


def resume(session: Session, as_of: datetime | None) -> None:
    """Let the story go on from where it stopped: it stands still while the demo does not run."""
    looked = session.scalar(select(func.max(Probe.last_result_at)))
    stopped = max((moment for moment in (as_of, looked) if moment is not None), default=clock.now())
    if stopped < clock.now():
        _live_at(session, stopped)


def _live_at(session: Session, at: datetime) -> None:
    clock.tell_story(at - clock.wall())
    session.execute(update(Site).values(is_demo=True, story_offset_seconds=clock.offset().total_seconds()))
