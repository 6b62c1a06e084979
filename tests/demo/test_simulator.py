"""The restoration that goes on before the reader's eyes."""

from datetime import timedelta

from sqlalchemy import select

from statuspage import db
from statuspage.demo import load
from statuspage.demo.accounts import LAG
from statuspage.demo.simulator import last_report, step
from statuspage.demo.story import OPENING
from statuspage.panels.models import Panel
from statuspage.recovery.actions.reports import counted
from statuspage.recovery.models import StageCount, Transfer
from statuspage.recovery.rules.reports import State
from statuspage.web.site import Site


def test_ten_minutes_later_more_accounts_are_back_and_the_counters_equal_a_recount(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.transaction(quiet=True) as session:
        before = last_report(session)
        assert before == OPENING - LAG
        half = step(session, before, before + timedelta(minutes=5))
        step(session, half, before + timedelta(minutes=10))
        # A report that is sent again changes nothing.
        step(session, before, before + timedelta(minutes=10))
        panel = session.scalars(select(Panel.id).where(Panel.slug == "panel-c")).one()
        counts = {(one.stage, one.state): one.accounts for one in session.scalars(select(StageCount)) if one.accounts}
        assert counts == counted(session, panel)
        assert counts["access", State.RESTORED] == 12_410 + (15_020 - 12_410) * 10 // 120
        rest = session.scalars(select(Transfer).where(Transfer.public_id == "temporary-rest")).one()
        assert rest.waiting < 214
        assert rest.created + rest.merged + rest.failed + rest.waiting == rest.total
