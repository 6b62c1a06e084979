"""Lets the restoration go on in real time: the servers of panel C report what they have done since, by the API."""

import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.client import TRANSFERS, Client, ClientError
from statuspage.db import reading, transaction
from statuspage.demo.accounts import LAG, front, reports, stages
from statuspage.demo.restoration import numbers, sequence
from statuspage.demo.story import read
from statuspage.errors import DomainError
from statuspage.recovery.models import StageState
from statuspage.tokens.actions import create
from statuspage.tokens.rules import Scope

STEP = timedelta(seconds=10)
KEY_LIVES = timedelta(days=7)
ACTOR = Actor("system:demo")
log = structlog.get_logger()


def live(app: Flask, url: str) -> None:
    """Report every ten seconds what the curves say has happened, until the process ends."""
    reported: datetime | None = None
    client: Client | None = None
    with app.app_context():
        while True:
            time.sleep(STEP.total_seconds())
            try:
                client = client or Client(url, key(), plain_http=True, patience=60)
                reported = step(client, reported or last_report(), clock.now() - LAG)
            except (DomainError, ClientError) as error:
                log.warning("simulator.waits", reason=str(error))


def key() -> str:
    """A key of the servers' own."""
    with transaction(quiet=True) as session:
        ends = clock.wall() + KEY_LIVES
        return create(session, name="simulator", scopes=[Scope.RECOVERY_WRITE.value], expires_at=ends, actor=ACTOR)


def last_report() -> datetime:
    """Up to when the servers have reported; what came after by hand is not theirs."""
    with reading() as session:
        return _last(session) or clock.now() - LAG


def _last(session: Session) -> datetime | None:
    return session.scalar(select(func.max(StageState.at)).where(StageState.at <= clock.now() - LAG))


def step(client: Client, before: datetime, now: datetime) -> datetime:
    """Report what happened between two moments; returns up to when all is reported."""
    client.push(restored(before, now))
    client.push(moved(now), what=TRANSFERS)
    return now


def restored(before: datetime, now: datetime) -> Iterator[dict[str, Any]]:
    """The reports of panel C's accounts."""
    for stage in stages():
        for one in reports(stage, front(stage, before), front(stage, now), now):
            fields = ("account", "panel", "stage", "done", "total", "sequence")
            yield {**{name: getattr(one, name) for name in fields}, "state": one.state.value, "at": now.isoformat()}


def moved(now: datetime) -> Iterator[dict[str, Any]]:
    """How far the transfers of orders are."""
    for row in read("simulation")["transfers"]:
        if row["points"][0][0] <= now:
            counts = dict(zip(("created", "merged", "failed", "waiting"), numbers(row, now), strict=True))
            yield {"transfer": row["slug"], **counts, "sequence": sequence(now), "at": now.isoformat()}
