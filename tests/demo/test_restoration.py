"""What had been reported of panel C and of the orders on the move."""

from collections import Counter
from datetime import timedelta

from sqlalchemy import func, select

from statuspage import db
from statuspage.demo import load
from statuspage.demo.story import OPENING
from statuspage.panels.models import Panel
from statuspage.recovery.actions.progress import stamp_marks
from statuspage.recovery.models import (
    AccountRecovery,
    ForwardingPoint,
    PanelRecovery,
    ProgressPoint,
    StageCount,
    StageState,
    Transfer,
)
from statuspage.recovery.queries.progress import mark_views, size_views, stage_views
from statuspage.recovery.rules.reports import State
from statuspage.web.site import Site
from tests.scenes import at


def test_at_the_opening_12410_of_20000_accounts_are_back(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        back = select(StageCount.accounts).where(StageCount.stage == "access", StageCount.state == State.RESTORED)
        assert session.scalar(back) == 12_410
        recovery = session.scalars(select(PanelRecovery).join(PanelRecovery.panel).where(Panel.slug == "panel-c")).one()
        assert (recovery.size, recovery.seen) == (20_000, 20_000)
        of_panel = select(func.count()).where(AccountRecovery.panel_id == recovery.panel_id)
        assert session.scalar(of_panel) == 20_000


def test_the_counters_equal_a_recount(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        counted = {(one.stage, one.state): one.accounts for one in session.scalars(select(StageCount))}
        recount = Counter(tuple(row) for row in session.execute(select(StageState.stage, StageState.state)))
        assert counted == recount


def test_the_chart_grows_and_ends_with_what_is_known(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        found = select(ProgressPoint.restored).where(ProgressPoint.stage == "access").order_by(ProgressPoint.at)
        points = session.scalars(found).all()
    assert len(points) > 20
    assert list(points) == sorted(points)
    assert points[-1] == 12_410


def test_before_the_servers_came_back_nothing_is_restored(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, at("2021-03-18 14:05"))
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(AccountRecovery)) == 0
        assert session.scalar(select(func.count()).select_from(StageCount)) == 0
        assert set(session.scalars(select(Transfer.public_id))) == {"panel-a-shops", "panel-b-shops"}


def test_the_orders_of_b_have_stood_still_since_ten_past_one(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        transfers = {one.public_id: one for one in session.scalars(select(Transfer))}
        points = session.scalars(select(ForwardingPoint)).all()
        assert transfers["panel-b-shops"].moved_at == at("2021-03-22 13:10")
        assert OPENING - transfers["panel-a-shops"].moved_at < timedelta(minutes=6)
        assert transfers["temporary-ten"].moved_at == at("2021-03-22 11:24")
        assert all(one.created + one.merged + one.failed + one.waiting == one.total for one in transfers.values())
        assert transfers["temporary-rest"].waiting == 214
        assert max(point.at for point in points) == OPENING - timedelta(minutes=5)


def test_the_tenths_so_far_were_noticed_when_they_came(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        marks = [one for one in mark_views(session) if one.stage == "access"]
        assert [one.percent for one in marks] == [10, 20, 30, 40, 50, 60]
        assert marks[-1].restored >= 12_000
        assert at("2021-03-22 13:00") < marks[-1].at <= OPENING - timedelta(minutes=5)
        # The job that goes on from here finds nothing that was missed.
    with db.transaction() as session:
        assert stamp_marks(session, OPENING) == 0


def test_n_has_its_reasons_and_an_end_is_in_sight(site: Site) -> None:
    with db.transaction() as session:
        load.load(session, OPENING)
    with db.reading() as session:
        assert [(one.size, one.reason is not None) for one in size_views(session)] == [(19_800, True), (20_000, True)]
        likely = {one.stage: one.forecast for one in stage_views(session, OPENING)}
    assert likely["access"] is not None
    assert likely["access"].first == at("2021-03-22 18:00")
    assert likely["access"].last == at("2021-03-22 21:00")
