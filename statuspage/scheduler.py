"""The table of jobs: what the worker does, and how often. The only importer of APScheduler."""

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from statuspage.db import transaction
from statuspage.errors import Unavailable
from statuspage.incidents import jobs as incidents
from statuspage.leases import actions as leases
from statuspage.probing import jobs as probing
from statuspage.publishing.jobs import publish_for_all
from statuspage.recovery import jobs as recovery
from statuspage.tokens import jobs as tokens
from statuspage.uptime import jobs as uptime
from statuspage.web.site import Site

LEASE = "worker"
LEASE_SECONDS = 10.0
RENEW_EVERY = 2.0
log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One line of the table. `alone`: only the worker that holds the lease does it."""

    name: str
    seconds: float
    run: Callable[[], object]
    alone: bool = True


def table(site: Site) -> list[Job]:
    """All that is done by time, but publishing: each machine has a folder to fill, and writers call for it."""
    settings = site.settings
    prober = probing.Prober(settings.probe_allow_private, settings.probe_references)
    return [
        Job("probe", 1, prober.tick),
        Job("probe results", 0.5, prober.collect),
        Job("begin late outages", 1, probing.begin_late_outages),
        Job("draft incidents", 1, lambda: incidents.draft_from_outages(settings.locales, settings.zone)),
        Job("propose ends", 1, lambda: incidents.propose_ends(settings.locales, settings.zone)),
        Job("publish scheduled updates", 1, incidents.publish_due),
        Job("count uptime", 30, lambda: uptime.count_days(settings.zone)),
        Job("mark progress", 60, recovery.mark),
        Job("forget old wishes for links", 3600, recovery.forget),
        Job("forget old results", 3600, probing.forget_old_results),
        Job("forget old answers", 3600, tokens.purge),
        Job("mark progress", 60, recovery.mark),
        Job("forget wishes for links", 3600, recovery.forget),
    ]


class Leadership:
    """Whether this worker is the one that acts; renewed in the database, judged by a monotonic clock."""

    def __init__(self) -> None:
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.fence: int | None = None
        self._until = 0.0

    def renew(self) -> None:
        asked = time.monotonic()
        with transaction(quiet=True) as session:
            fence = leases.hold(session, LEASE, self.holder, LEASE_SECONDS)
        if fence is not None and fence != self.fence:
            log.info("worker.leads", holder=self.holder, fence=fence)
        self.fence = fence
        # Ours ends before the row's does, so that two never act at once.
        self._until = asked + LEASE_SECONDS - 1 if fence is not None else 0.0

    def is_mine(self) -> bool:
        return time.monotonic() < self._until

    def resign(self) -> None:
        if self.is_mine():
            with transaction(quiet=True) as session:
                leases.release(session, LEASE, self.holder)


class Runner:
    """Runs one job in the app's context; a failure is logged once until it works again, and stops nothing."""

    def __init__(self, app: Flask, job: Job, may_act: Callable[[], bool]) -> None:
        self.app = app
        self.job = job
        self.may_act = may_act
        self.failing = False

    def __call__(self) -> None:
        if self.job.alone and not self.may_act():
            return
        try:
            with self.app.app_context():
                self.job.run()
        except Unavailable as error:
            self._note(reason=error.message)
        except Exception as error:  # noqa: BLE001  # one job that fails must never stop the others
            self._note(reason=repr(error), exc_info=error)
        else:
            if self.failing:
                log.info("job.works_again", job=self.job.name)
            self.failing = False

    def _note(self, **what: object) -> None:
        if not self.failing:
            log.error("job.failed", job=self.job.name, **what)
        self.failing = True


def run(app: Flask, site: Site, stop: threading.Event) -> None:
    """Run the table until `stop`; then let running jobs end and give the lease back."""
    leadership = Leadership()
    jobs = [Job("lease", RENEW_EVERY, leadership.renew, alone=False), *table(site)]
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    timer = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for job in jobs:
        runner = Runner(app, job, leadership.is_mine)
        runner()
        timer.add_job(runner, "interval", seconds=job.seconds, name=job.name)
    timer.start()
    publishing = threading.Thread(target=_publish, args=(app, site, stop), name="publishing")
    publishing.start()
    stop.wait()
    timer.shutdown(wait=True)
    publishing.join()
    with app.app_context():
        resign(leadership)


def _publish(app: Flask, site: Site, stop: threading.Event) -> None:
    with app.app_context():
        publish_for_all(site.publisher, stop)


def resign(leadership: Leadership) -> None:
    try:
        leadership.resign()
    except Unavailable:
        log.warning("lease.left_to_run_out")
