"""Each 10 % of a restoration is news once: for all, and for the panel that it is about."""

from datetime import timedelta

import feedparser
from sqlalchemy import update

from statuspage import db
from statuspage.i18n import NBSP
from statuspage.publishing.store import Version
from statuspage.recovery.actions.progress import stamp_marks
from statuspage.recovery.models import StageCount
from statuspage.recovery.rules.reports import State
from statuspage.web.site import Site
from tests import scenes
from tests.scenes import NOW


def entries(version: Version, path: str) -> list[tuple[str, str]]:
    """Title and id of the entries on progress."""
    found = feedparser.parse(version.pages[path].body())
    told = [one for one in found.entries if one.tags[0].term == "restoration"]
    return [(one.title.replace(NBSP, " "), one.id) for one in told]


def restored(site: Site, accounts: int, minutes: int) -> Version:
    """So many accounts can log in again, the job looked, and the site is published."""
    with db.transaction() as session:
        mine = (StageCount.stage == "access", StageCount.state == State.RESTORED)
        session.execute(update(StageCount).where(*mine).values(accounts=accounts))
        stamp_marks(session, NOW + timedelta(minutes=minutes))
    return site.publisher.publish()


def test_each_tenth_has_one_entry_that_stays_as_it_was(scene: Site) -> None:
    with db.transaction() as session:
        scenes.restoration(session)
        session.execute(update(StageCount).where(StageCount.stage != "access").values(accounts=0))
    first = restored(scene, 2_100, 0)
    assert [title for title, _ in entries(first, "/en/history.atom")] == [
        "Panel C, access to accounts: back for 10 % of accounts"
    ]
    back_and_forth = [restored(scene, accounts, 1 + place) for place, accounts in enumerate((1_900, 2_100, 1_000))]
    assert all(entries(one, "/en/history.atom") == entries(first, "/en/history.atom") for one in back_and_forth)
    last = restored(scene, 20_000, 9)
    found = entries(last, "/panels/panel-c.atom")
    assert len(found) == len({key for _, key in found}) == 10
    assert found[0][0] == "Panel C, dostęp do kont: przywrócono na wszystkich kontach"
    assert found[1][0] == "Panel C, dostęp do kont: przywrócono na 90 % kont"
    assert found[-1] in entries(first, "/panels/panel-c.atom")
    assert entries(last, "/panels/panel-a.atom") == []
    assert entries(last, "/incidents/fire2021.atom") == []
    assert "20 000 z 20 000 kont, stan na" in last.pages["/panels/panel-c.atom"].body().decode().replace(NBSP, " ")
