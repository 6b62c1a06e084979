"""The table of jobs: what the worker does, and how often. The only importer of APScheduler."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, timedelta
from functools import partial

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask

from statuspage import clock
from statuspage.accounts import jobs as accounts
from statuspage.audit.jobs import Sealer
from statuspage.db import only_while, transaction
from statuspage.errors import Unavailable
from statuspage.failures import actions as failures
from statuspage.incidents import jobs as incidents
from statuspage.latency import jobs as latency
from statuspage.leases.jobs import Leadership, Superseded, identity
from statuspage.leases.rules import RENEW_EVERY
from statuspage.mail import client as mail
from statuspage.probing import jobs as probing
from statuspage.probing.shares import Shares
from statuspage.publishing.jobs import publish_for_all
from statuspage.recovery import jobs as recovery
from statuspage.tokens import jobs as tokens
from statuspage.uptime import jobs as uptime
from statuspage.web.site import Site

# So often a job that goes on failing says so at the desk.
TELL_EVERY = 30.0
log = structlog.get_logger()


@dataclass(frozen=True)
class Job:
    """One line of the table. `alone`: only the worker that holds the lease does it."""

    name: str
    seconds: float
    run: Callable[[], object]
    alone: bool = True


def rounds(leadership: Leadership, shares: Shares, prober: probing.Prober) -> list[Job]:
    """How this worker learns what it may do: what must be known before anything is done."""
    return [
        Job("lease", RENEW_EVERY, leadership.renew, alone=False),
        Job("notice pauses", 0.25, shares.beat, alone=False),
        Job("share probes", RENEW_EVERY, lambda: shares.renew(prober.busy()), alone=False),
    ]


def table(site: Site, prober: probing.Prober) -> list[Job]:
    """All that is done by time, but publishing: each machine has a folder to fill, and writers call for it."""
    settings = site.settings
    return [
        Job("probe", 1, prober.tick, alone=False),
        Job("probe results", 0.5, prober.collect, alone=False),
        Job("begin late outages", 1, probing.begin_late_outages),
        Job("draft incidents", 1, lambda: incidents.draft_from_outages(settings.locales, settings.zone)),
        Job("propose ends", 1, lambda: incidents.propose_ends(settings.locales, settings.zone)),
        Job("publish scheduled updates", 1, incidents.publish_due),
        Job("seal the audit log", 5, Sealer().seal),
        Job("count uptime", 30, lambda: uptime.count_days(settings.zone)),
        Job("mark progress", 60, recovery.mark),
        *letters(site),
        Job("thin points of progress", 600, recovery.thin),
        Job("forget old wishes for links", 3600, recovery.forget),
        Job("count hours", 60, latency.count_hours),
        Job("forget old hours", 3600, latency.forget_old_hours),
        Job("forget old results", 3600, probing.forget_old_results),
        Job("forget old answers", 3600, tokens.purge),
        Job("forget ended sessions", 3600, accounts.forget),
    ]


def letters(site: Site) -> list[Job]:
    """What is mailed, where there is a mail server; without one, wishes for links wait for staff."""
    chosen = site.settings
    way = mail.post(chosen.smtp_url, chosen.mail_from, chosen.brand_name, chosen.instance_dir)
    if way is None:
        return []
    sender = recovery.Mail(way, chosen.base_url, chosen.locales, chosen.zone)
    return [Job("mail links", 3, sender.send_links), Job("remind of choices", 60, sender.remind)]


class Runner:
    """Runs one job in the app's context; a failure is logged once until it works again, and stops nothing."""

    def __init__(self, app: Flask, job: Job, leadership: Leadership) -> None:
        self.app = app
        self.job = job
        self.leadership = leadership
        self.failing = False
        self.tell_after = 0.0

    def __call__(self) -> None:
        if self.job.alone and not self.leadership.is_mine():
            return
        alone = only_while(self.leadership.condition()) if self.job.alone else nullcontext()
        try:
            with self.app.app_context(), alone:
                self.job.run()
        except Superseded:
            log.info("job.left_to_another", job=self.job.name)
        except Unavailable as error:
            self._note(error, reason=error.message)
        except Exception as error:  # noqa: BLE001  # one job that fails must never stop the others
            self._note(error, reason=repr(error), exc_info=error)
        else:
            self._well()

    def _note(self, error: Exception, **what: object) -> None:
        if not self.failing:
            log.error("job.failed", job=self.job.name, **what)
        self.failing = True
        if time.monotonic() >= self.tell_after:
            self.tell_after = time.monotonic() + TELL_EVERY
            lasts = timedelta(seconds=2 * max(self.job.seconds, TELL_EVERY))
            self._tell(partial(failures.note, reason=type(error).__name__, lasts=lasts))

    def _well(self) -> None:
        if self.failing:
            log.info("job.works_again", job=self.job.name)
            self.tell_after = 0.0
            self._tell(failures.clear)
        self.failing = False

    def _tell(self, act: Callable[..., None]) -> None:
        """Have the desk show it. Where the database is away, the desk is as well."""
        with suppress(Unavailable), self.app.app_context(), transaction(quiet=True, patience=1.0) as session:
            act(session, self.job.name, self.leadership.holder, now=clock.wall())


def run(app: Flask, site: Site, stop: threading.Event) -> None:
    """Run the table until `stop`; then let running jobs end and give back what is held."""
    holder = identity()
    leadership, shares = Leadership(holder), Shares(holder)
    prober = probing.Prober(site.settings.probe_allow_private, site.settings.probe_references, shares)
    first = [Runner(app, job, leadership) for job in rounds(leadership, shares, prober)]
    runners = [*first, *(Runner(app, job, leadership) for job in table(site, prober))]
    for runner in first:
        runner()
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    timer = _timer(runners)
    timer.start()
    publishing = threading.Thread(target=_publish, args=(app, site, stop), name="publishing")
    publishing.start()
    stop.wait()
    timer.shutdown(wait=True)
    publishing.join()
    with app.app_context():
        resign(leadership, shares)


def _publish(app: Flask, site: Site, stop: threading.Event) -> None:
    if site.store.follow().name:  # else the first publication compiles them, and readers wait for it
        site.pages.warm()
    with app.app_context():
        publish_for_all(site.publisher, stop)


def _timer(runners: Sequence[Runner]) -> BackgroundScheduler:
    """All begin at once, each in a thread of its own, so that none waits for another."""
    timer = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(runners))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for runner in runners:
        seconds, name = runner.job.seconds, runner.job.name
        timer.add_job(runner, "interval", seconds=seconds, name=name, next_run_time=clock.wall())
    return timer


def resign(*held: Leadership | Shares) -> None:
    for one in held:
        try:
            one.resign()
        except Unavailable:
            log.warning("lease.left_to_run_out")
