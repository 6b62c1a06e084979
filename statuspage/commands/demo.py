"""`statuspage demo`: the reference scenario, ready to be looked at."""

import shutil
from datetime import datetime

import click
from flask import Flask

from statuspage import db
from statuspage.commands.context import app_context
from statuspage.commands.database import bring_up
from statuspage.demo import load
from statuspage.demo.story import FIRST, LAST, OPENING, OPENING_TIME, ZONE
from statuspage.web.site import Site


def moment(context: click.Context, parameter: click.Parameter, words: str | None) -> datetime | None:
    """A moment of the story, in Warsaw: a day (opened at 14:05) or a day and a time."""
    if words is None:
        return None
    try:
        given = datetime.fromisoformat(words)
    except ValueError:
        raise click.BadParameter(f"{words!r} is no moment: give a day like 2021-03-12 or 2021-03-12T09:00.") from None
    if len(words) == len("2021-03-12"):
        given = datetime.combine(given, OPENING_TIME)
    found = given if given.tzinfo else given.replace(tzinfo=ZONE)
    if not FIRST <= found.astimezone(ZONE).date() <= LAST:
        raise click.BadParameter(f"the story runs from {FIRST} to {LAST}.")
    return found


@click.group("demo", invoke_without_command=True)
@click.option(
    "--at", callback=moment, help="A moment of the story, like 2021-03-12 or 2021-03-12T09:00; loads it anew."
)
@click.pass_context
def group(context: click.Context, at: datetime | None) -> None:
    """Serve the reference scenario: a burnt data centre, as customers saw it on 22 March 2021, 14:05.

    A second start goes on where the first one stopped. Refuses a database with other data.
    """
    if context.invoked_subcommand is None:
        with app_context() as (app, site):
            prepare(app, site, at)
        click.echo(f"Published into {site.store.folder}.")


def prepare(app: Flask, site: Site, at: datetime | None) -> None:
    """Bring up the schema, load the scenario where it is missing or asked for anew, and publish."""
    bring_up(app)
    with db.reading() as session:
        loaded = load.is_loaded(session)
    if at is not None or not loaded:
        forget(site)
        with db.transaction() as session:
            load.load(session, at or OPENING)
    site.publisher.publish()


def forget(site: Site) -> None:
    """Throw away what was published: it may tell what is yet to come."""
    shutil.rmtree(site.store.folder / "versions", ignore_errors=True)
    (site.store.folder / "current").unlink(missing_ok=True)
