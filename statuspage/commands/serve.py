"""`statuspage run|web|worker|publish`: the processes of a site."""

from collections.abc import Callable
from pathlib import Path

import click

from statuspage import serving
from statuspage.commands.context import app_context, fail, settings
from statuspage.commands.database import bring_up
from statuspage.publishing import copies
from statuspage.serving import Child, Refused, Supervisor
from statuspage.settings import Settings
from statuspage.web import logging

host_option = click.option(
    "--host", default="127.0.0.1", show_default=True, envvar=["STATUSPAGE_HOST", "HOST"], help="Address to listen on."
)
port_option = click.option(
    "--port",
    default=8000,
    show_default=True,
    type=click.IntRange(1, 65535),
    envvar=["STATUSPAGE_PORT", "PORT"],
    help="Port to listen on.",
)


@click.command()
@host_option
@port_option
def run(host: str, port: int) -> None:
    """Web server and worker together: all that one machine needs."""
    start(settings(), host, port)


def start(chosen: Settings, host: str, port: int, *more: Child, first: Callable[[], None] | None = None) -> None:
    """Run web, worker and `more` until SIGTERM; ends with one line when that cannot begin.

    `first` is done before, when the folder and the address are ours.
    """
    logging.configure(chosen.log_level, chosen.log_format)
    try:
        with serving.only_one(chosen.instance_dir):
            serving.claim_address(host, port)
            if first is not None:
                first()
            # The web server does not wait for the database: what was last published answers at once.
            children = [
                Child("web", lambda: serving.web(host, port)),
                Child("migrate", lambda: migrate(chosen), once=True),
                Child("worker", lambda: serving.work(chosen), after="migrate"),
                *more,
            ]
            Supervisor(children).run()
    except Refused as refused:
        fail(str(refused))


def migrate(chosen: Settings) -> None:
    """Bring the schema up to date; an emptied folder is never taken for a new site."""
    path = chosen.database.removeprefix("sqlite:///")
    with app_context() as (app, site):
        if path != chosen.database and site.store.follow().name and not Path(path).exists():
            fail(f"the database {path} is gone, while a site is published: restore it, or remove {chosen.published}")
        bring_up(app)


@click.command()
@host_option
@port_option
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Processes that serve.")
def web(host: str, port: int, workers: int) -> None:
    """The web server alone; the worker runs elsewhere."""
    chosen = settings()
    logging.configure(chosen.log_level, chosen.log_format)
    try:
        serving.web(host, port, workers)
    except Refused as refused:
        fail(str(refused))


@click.command()
def worker() -> None:
    """The worker alone: probes, publishes, keeps time. Any number may run and share the probes."""
    chosen = settings()
    logging.configure(chosen.log_level, chosen.log_format)
    serving.work(chosen)


@click.command()
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also bring this folder to what is published: for a web server elsewhere, or the origin of a CDN.",
)
def publish(folder: Path | None) -> None:
    """Write the static site once, now."""
    with app_context() as (_, site):
        version = site.publisher.publish()
        click.echo(f"Published {len(version.pages)} documents in {site.store.folder / 'current'}.")
        if folder is not None:
            try:
                click.echo(f"Wrote {copies.copy(version, folder)} files that changed into {folder}.")
            except OSError as error:
                fail(f"cannot write {folder} ({error.strerror}): what was there before may be mixed; run it again")
