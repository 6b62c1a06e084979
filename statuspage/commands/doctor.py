"""`statuspage doctor`: what is wrong, and what to do."""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import click
from sqlalchemy.exc import SQLAlchemyError

from statuspage import clock, db
from statuspage.commands.context import app_context
from statuspage.commands.database import revisions
from statuspage.errors import Unavailable
from statuspage.leases.queries import is_held
from statuspage.mail.client import Undelivered, post
from statuspage.recovery.queries.mailing import unmailed
from statuspage.web.site import Site

LEAST_DISK = 200 * 1024 * 1024
STALE_AFTER = timedelta(seconds=90)


@dataclass(frozen=True)
class Finding:
    """One check: fine, or what is wrong and what to do."""

    check: str
    fine: bool
    words: str


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def doctor(as_json: bool) -> None:  # noqa: FBT001  # click hands flags over as booleans
    """Check settings, database, mail, disk, published page and worker. Exit code 1 when something is wrong."""
    checks: list[Callable[[Site], Finding]] = [database, schema, mail, worker, page, disk]
    with app_context() as (_, site):
        found = [Finding("settings", fine=True, words="read and right"), *(check(site) for check in checks)]
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found]))
    else:
        for one in found:
            click.echo(f"{'ok   ' if one.fine else 'WRONG'} {one.check}: {one.words}")
    sys.exit(0 if all(one.fine for one in found) else 1)


def database(site: Site) -> Finding:
    try:
        with db.transaction(quiet=True):
            return Finding("database", fine=True, words=f"takes writes ({db.db.engine.dialect.name})")
    except Unavailable as error:
        cause = str(error.__cause__ or error.message).splitlines()[0]
        advice = "check STATUSPAGE_DATABASE_URL, or make it with `statuspage db upgrade`"
        return Finding("database", fine=False, words=f"cannot be used ({cause}): {advice}")


def schema(site: Site) -> Finding:
    try:
        with db.db.engine.connect() as connection:
            current, head = revisions(connection)
    except SQLAlchemyError:
        return Finding("schema", fine=False, words="cannot be read, as the database cannot")
    if current != head:
        return Finding(
            "schema", fine=False, words=f"at {current or 'nothing'}, not {head}: run `statuspage db upgrade`"
        )
    return Finding("schema", fine=True, words=f"up to date ({head})")


def mail(site: Site) -> Finding:
    chosen = site.settings
    way = post(chosen.smtp_url, chosen.mail_from, chosen.brand_name, chosen.instance_dir)
    if way is None:
        return Finding("mail", fine=True, words="STATUSPAGE_SMTP_URL is not set: wishes for links wait for staff")
    try:
        way.check()
    except Undelivered as error:
        return Finding("mail", fine=False, words=f"{error.reason}: check STATUSPAGE_SMTP_URL")
    try:
        with db.reading() as session:
            count = unmailed(session)
    except (Unavailable, SQLAlchemyError):
        return Finding("mail", fine=True, words="the server takes mail")
    words = f"the server takes mail, but {count} links could not be sent: see the wishes at /staff/recovery/"
    return Finding("mail", fine=not count, words=words if count else "the server takes mail")


def worker(site: Site) -> Finding:
    try:
        with db.reading() as session:
            alive = is_held(session, "worker", clock.wall())
    except (Unavailable, SQLAlchemyError):
        return Finding("worker", fine=False, words="cannot be known without the database")
    words = "acts" if alive else "nobody probes or keeps time: start `statuspage run` or `statuspage worker`"
    return Finding("worker", fine=alive, words=words)


def page(site: Site) -> Finding:
    version = site.store.follow()
    if not version.name:
        return Finding("page", fine=False, words="nothing is published: run `statuspage publish`")
    age = clock.now() - datetime.fromisoformat(version.as_of)
    words = f"as of {age.total_seconds():.0f} s ago, in {site.store.folder / 'current'}"
    if version.facts.failed:
        named = ", ".join(version.facts.failed[:3])
        words = f"{len(version.facts.failed)} documents cannot be rendered and keep old bytes ({named}): see the log"
        return Finding("page", fine=False, words=words)
    return Finding("page", fine=age < STALE_AFTER, words=words)


def disk(site: Site) -> Finding:
    folder = site.settings.instance_dir
    free = shutil.disk_usage(folder if folder.exists() else ".").free
    words = f"{free // 1024 // 1024} MB free"
    return Finding("disk", fine=free > LEAST_DISK, words=words if free > LEAST_DISK else f"{words}: make room")
