"""`statuspage post-update`: publishes from a terminal when nobody can get to the desk, and even without a database."""

import getpass
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy.orm import Session

from statuspage import clock, errors
from statuspage.audit.actions import Actor
from statuspage.commands.context import app_context, fail
from statuspage.commands.typed import by_locale, components, from_files, words_of
from statuspage.db import reading, transaction
from statuspage.errors import Unavailable
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Says, Stage, Word
from statuspage.panels.queries import all_components
from statuspage.publishing import copies, notices
from statuspage.texts.rules import MARKDOWN_LIMIT, Prose, Texts, prose, texts, to_plain
from statuspage.web.site import Site

LONGEST_TITLE = 200


class Rehearsed(Exception):
    """Ends a transaction that was only tried."""


@dataclass(frozen=True)
class Asked:
    """What is to be told, as it was typed and found to be right."""

    title: Texts | None
    body: Prose
    public_id: str | None
    status: Stage | None
    impact: Impact
    affected: tuple[Says, ...]
    next_update_in: int | None

    def word(self, status: Stage) -> Word:
        promise = clock.now() + timedelta(minutes=self.next_update_in) if self.next_update_in else None
        return Word(self.status or status, self.body, self.affected, promise)


@click.command("post-update")
@click.option("--incident", "public_id", metavar="ID", help="The incident that it is about, as in its address.")
@click.option("--new", is_flag=True, help="Open an incident; needs --title.")
@click.option(
    "--title", multiple=True, callback=by_locale, metavar="LOCALE=WORDS", help="What a new incident is called."
)
@click.option("--impact", type=click.Choice(list(map(str, Impact))), default=str(Impact.MAJOR), show_default=True)
@click.option("--status", type=click.Choice(list(map(str, Stage))), help="Where the work stands; by default as before.")
@click.option("--text", multiple=True, callback=by_locale, metavar="LOCALE=WORDS", help="What to tell (Markdown).")
@click.option("--text-file", multiple=True, callback=from_files, metavar="LOCALE=FILE", help="The same; - is stdin.")
@click.option("--component", multiple=True, callback=components, metavar="PANEL:FUNCTION=STATUS", help="What works.")
@click.option("--next-update-in", type=click.IntRange(1, 10_080), metavar="MINUTES", help="Promise the next update.")
@click.option("--dry-run", is_flag=True, help="Only say what would be published.")
@click.option(
    "--to",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Also bring this folder to what is published, as `statuspage publish --to` does.",
)
@click.option("--withdraw", is_flag=True, help="Take down the notice that was published without a database.")
def post_update(
    *,
    public_id: str | None,
    new: bool,
    title: Mapping[str, str],
    impact: str,
    status: str | None,
    text: Mapping[str, str],
    text_file: Mapping[str, str],
    component: tuple[Says, ...],
    next_update_in: int | None,
    dry_run: bool,
    folder: Path | None,
    withdraw: bool,
) -> None:
    """Publish an update from this terminal, at once, when nobody can get to the desk.

    It goes the way of an update from the desk, with its audit entry, and needs no running web server or worker.
    Where the database cannot be reached, the text becomes a dated notice on top of the published pages; the next
    publication out of the database takes it away.
    """
    with app_context() as (_, site):
        if withdraw:
            notices.withdraw(site.store)
            click.echo("The notice is withdrawn: the pages are as they were before.")
            _copy(site, folder)
            return
        if new == (public_id is not None) or new != bool(title):
            fail("say what it is about: --incident ID, or --new with --title" + known_incidents())
        asked = Asked(
            title=texts(words_of(site, "--title", title, LONGEST_TITLE), next(iter(title))) if title else None,
            body=_body(site, text, text_file),
            public_id=public_id,
            status=Stage(status) if status else None,
            impact=Impact(impact),
            affected=component,
            next_update_in=next_update_in,
        )
        reason = out_of_reach()
        tell_without(site, asked, reason, dry_run=dry_run) if reason else tell(site, asked, dry_run=dry_run)
        _copy(site, None if dry_run else folder)


def _copy(site: Site, folder: Path | None) -> None:
    if folder is not None:
        click.echo(f"Wrote {copies.copy(site.store.follow(), folder)} files that changed into {folder}.")


def _body(site: Site, typed: Mapping[str, str], read: Mapping[str, str]) -> Prose:
    given = {**typed, **read}
    if not given or typed.keys() & read.keys():
        fail(
            "say something, once in each language: --text en='We look into it.', or --text-file en=- for what comes in"
        )
    words = words_of(site, "--text", given, MARKDOWN_LIMIT)
    # What was written in the site's first language is what the others translate.
    return prose(words, next((one for one in site.settings.locales if one in words), ""))


def out_of_reach() -> str | None:
    """Why the database cannot be read, if it cannot."""
    try:
        with reading() as session:
            queries.latest(session, limit=1)
    except Unavailable as error:
        return error.message
    return None


def known_incidents() -> str:
    """The open incidents, for whoever has no page to look at."""
    try:
        with reading() as session:
            opened = [one for one in queries.latest(session) if not one.status.is_over]
            names = [f"\n  {one.public_id}  {one.title.read(one.title.source).text}" for one in opened]
    except Unavailable:
        return ""
    return "; open now:" + "".join(names) if names else "; no incident is open"


def tell(site: Site, asked: Asked, *, dry_run: bool) -> None:
    """Write and publish it as the desk would."""
    with suppress(Rehearsed), transaction() as session:
        update = _write(session, asked)
        for line in described(update):
            click.echo(line)
        path = site.pages.href("incident", site.settings.default_locale, update.incident.public_id)
        if dry_run:
            raise Rehearsed
    if dry_run:
        click.echo("Nothing was published: that was a rehearsal.")
    elif site.publisher.catch_up():
        click.echo(f"Published: {site.settings.base_url}{path}")
    else:
        fail("it is saved, but not on the page yet; publish it with: statuspage publish")


def _write(session: Session, asked: Asked) -> IncidentUpdate:
    _must_exist(session, asked.affected)
    if asked.title is not None:
        incident = actions.create(
            session,
            terminal(),
            title=asked.title,
            impact=asked.impact,
            started_at=clock.now(),
            first=asked.word(Stage.INVESTIGATING),
            publish=True,
        )
        session.refresh(incident)
        return incident.updates[-1]
    incident = _existing(session, asked.public_id or "")
    return actions.post_update(session, terminal(), incident.public_id, asked.word(incident.status))


def _existing(session: Session, public_id: str) -> Incident:
    try:
        return queries.by_public_id(session, public_id)
    except errors.NotFound:
        fail(f"there is no incident {public_id}{known_incidents()}")


def _must_exist(session: Session, affected: Sequence[Says]) -> None:
    known = [one.public_id for one in all_components(session)]
    for one in affected:
        if one.component not in known:
            fail(f"there is no component {one.component}: use one of {', '.join(known)}")


def described(update: IncidentUpdate) -> list[str]:
    """What readers get, for who writes it blind."""
    said = [f"{update.incident.title.read(update.incident.title.source).text}: {update.status}"]
    said += [f"  {locale}: {to_plain(words)}" for locale, words in update.body.by_locale.items()]
    said += [f"  {one.component.public_id}: {one.status}" for one in update.affected]
    return said + ([f"  next update by {update.next_update_by:%Y-%m-%d %H:%M} UTC"] if update.next_update_by else [])


def tell_without(site: Site, asked: Asked, reason: str, *, dry_run: bool) -> None:
    """Put the words on the pages that are published already."""
    click.echo(f"The database cannot be reached ({reason})")
    left_out = asked.affected or asked.status or asked.next_update_in
    if left_out:
        click.echo("Status, components and promise cannot be shown without it: say in the text what matters of them.")
    if dry_run:
        click.echo("Nothing was published. The text would become a notice on top of the pages.")
        return
    frame = {"at": clock.now(), "title": asked.title or _known_title(site, asked.public_id), "body": asked.body}
    blocks = {locale: site.pages.render(locale, "components/notice.html", **frame) for locale in site.settings.locales}
    notices.show(site.store, blocks)
    click.echo(
        f"Your text is a notice on top of the pages in {site.store.folder / 'current'}. It goes with the next"
        " publication out of the database, or with: statuspage post-update --withdraw\n"
        "Post the update again when the database is back."
    )


def _known_title(site: Site, public_id: str | None) -> Texts | None:
    """What the incident is called, as far as the published pages know it."""
    snapshot = site.store.snapshot()
    return next((one.title for one in snapshot.incidents if one.public_id == public_id), None) if snapshot else None


def terminal() -> Actor:
    """Who sits at it; `sudo` says who that really is."""
    try:
        name = os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError, ImportError):
        name = f"uid-{os.getuid()}"
    return Actor(f"terminal:{re.sub(r'[^A-Za-z0-9._-]', '?', name)[:32]}")
