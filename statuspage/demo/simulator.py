"""Lets the restoration go on in real time: the servers of panel C report what they have done since."""

import time
from datetime import datetime, timedelta

import structlog
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.db import transaction
from statuspage.demo.accounts import LAG, PANEL, front, reports, stages
from statuspage.demo.restoration import numbers, sequence
from statuspage.demo.story import read
from statuspage.errors import DomainError
from statuspage.panels.models import Panel
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.actions.transfers import apply_transfers
from statuspage.recovery.models import StageState
from statuspage.recovery.rules.forwarding import TransferReport

STEP = timedelta(seconds=2)
BATCH = 500
log = structlog.get_logger()


def live(app: Flask) -> None:
    """Report every two seconds what the curves say has happened, until the process ends."""
    with app.app_context():
        reported: datetime | None = None
        while True:
            time.sleep(STEP.total_seconds())
            try:
                with transaction(quiet=True) as session:
                    reported = step(session, reported or last_report(session), clock.now() - LAG)
            except DomainError as error:
                log.warning("simulator.waits", reason=error.message)


def last_report(session: Session) -> datetime:
    """Up to when the servers have reported; what came after by hand is not theirs."""
    found = session.scalar(select(func.max(StageState.at)).where(StageState.at <= clock.now() - LAG))
    return found or clock.now() - LAG


def step(session: Session, before: datetime, now: datetime) -> datetime:
    """Report what happened between two moments; returns up to when all is reported."""
    panel = session.scalar(select(Panel.id).where(Panel.slug == PANEL))
    if panel is not None:
        new = [one for stage in stages() for one in reports(stage, front(stage, before), front(stage, now), now)]
        for begin in range(0, len(new), BATCH):
            apply(session, {PANEL: panel}, new[begin : begin + BATCH], now)
    rows = [row for row in read("simulation")["transfers"] if row["points"][0][0] <= now]
    apply_transfers(session, [TransferReport(row["slug"], *numbers(row, now), sequence(now), now) for row in rows])
    return now
