"""Imports at the same moment as others, and as results come in."""

from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage.configuration.actions import Done
from statuspage.db import reading, transaction
from statuspage.panels.models import Component, Panel
from statuspage.probing.actions import store
from statuspage.probing.models import Outage, Probe
from tests.configuration.sites import SITE, imported
from tests.probing.cases import saw
from tests.races import together


def test_two_imports_at_once_make_one_site(app: Flask) -> None:
    done = together(app, *[lambda session: imported(session, SITE)] * 3)
    assert sorted(len(one.plan.changes) for one in done if isinstance(one, Done)) == [0, 0, 7]
    with reading() as session:
        counts = [session.scalar(select(func.count()).select_from(one)) for one in (Panel, Component, Probe)]
    assert counts == [2, 4, 2]


def test_an_import_and_results_of_its_probes_wait_for_each_other(app: Flask) -> None:
    with transaction() as session:
        imported(session, SITE)
        probe_id = session.scalars(select(Probe.id).where(Probe.name == "page")).one()

    def look(number: int, session: Session) -> int:
        return store(session, saw(probe_id, False, False, first=number))

    for number in range(4):
        changed = SITE.replace("keyword: Welcome", f"keyword: Welcome {number}").replace(
            "en: Older", f"en: Older {number}"
        )
        acts = [lambda session, n=number: look(2 * n, session), lambda session, words=changed: imported(session, words)]
        stored, done = together(app, *acts)
        assert isinstance(stored, int), stored
        assert isinstance(done, Done), done
        assert [str(one.subject) for one in done.plan.changes] == ["panel panel-a", "probe panel-a.login “page”"]
    with reading() as session:
        assert session.scalar(select(func.count(Outage.id))) == 1
