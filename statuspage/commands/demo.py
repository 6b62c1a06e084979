"""`statuspage demo`: the reference scenario, served at once; `demo break` and `demo mend` its panels."""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.accounts import actions as accounts
from statuspage.accounts.queries import by_email
from statuspage.accounts.rules import Role
from statuspage.app import create_app
from statuspage.audit.actions import Actor
from statuspage.commands import serve
from statuspage.commands.context import app_context, fail, settings
from statuspage.commands.database import bring_up
from statuspage.demo import load, looks, panels, simulator
from statuspage.demo.accounts import by_turn
from statuspage.demo.props import Props
from statuspage.demo.story import FIRST, LAST, OPENING, OPENING_TIME, ZONE
from statuspage.mail.client import OUTBOX
from statuspage.recovery.actions.accounts import describe_account, mint_link
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.rules.links import login_key
from statuspage.serving import Child
from statuspage.settings import Settings
from statuspage.staff.accounts import link_address
from statuspage.tokens import actions as tokens
from statuspage.tokens.rules import Scope
from statuspage.web.site import Site

ACTOR = Actor("system:demo")
KEYS_LIVE = timedelta(days=7)
ADMIN, LOGIN, SENDER = "ola@example.com", "shop@example.com", "status@example.com"
SHOP = "C-81254"
FAKE_PANELS = "127.0.0.1/32"
LATE_TURN = 16_000


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
@serve.host_option
@serve.port_option
@click.pass_context
def group(context: click.Context, at: datetime | None, host: str, port: int) -> None:
    """Serve the reference scenario: a burnt data centre, as customers saw it on 22 March 2021, 14:05.

    A second start goes on where the first one stopped. Refuses a database with other data.
    """
    if context.invoked_subcommand is None:
        chosen = demo_settings(host, port)
        props = Props(chosen.instance_dir)
        fake = Child("panels", lambda: panels.serve(props, (host, port)))
        living = Child("simulator", lambda: simulator.live(create_app(chosen), f"http://{reachable(host)}:{port}"))
        serve.start(chosen, host, port, fake, living, first=lambda: prepare(props, at))


def demo_settings(host: str, port: int) -> Settings:
    """The settings, with what the demo needs where nothing else was set; all its processes read them again."""
    chosen = settings()
    if "base_url" not in chosen.model_fields_set:
        os.environ["STATUSPAGE_BASE_URL"] = f"http://{reachable(host)}:{port}"
    if "probe_allow_private" not in chosen.model_fields_set:
        os.environ["STATUSPAGE_PROBE_ALLOW_PRIVATE"] = FAKE_PANELS
    if not chosen.smtp_url:
        # Printed, and kept under `instance/outbox`.
        os.environ.update(STATUSPAGE_SMTP_URL=OUTBOX, STATUSPAGE_MAIL_FROM=SENDER)
    return settings()


def reachable(host: str) -> str:
    """The name under which this machine reaches what listens on `host`."""
    return "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound


def prepare(props: Props, at: datetime | None) -> None:
    """Load the scenario where it is missing or asked for anew, publish it, and say where to look."""
    with app_context() as (app, site):
        bring_up(app)
        with db.reading() as session:
            loaded = load.is_loaded(session)
        if at is not None or not loaded:
            click.echo("Loading the scenario ...")
            forget(site)
            props.set_broken(())
            with db.transaction() as session:
                load.load(session, at or OPENING)
        snapshot = site.store.snapshot()
        with db.transaction() as session:
            load.resume(session, snapshot.as_of if snapshot else None)
            looks.aim(session, props)
        if snapshot is None:
            site.publisher.publish()
        welcome(site.settings)


def forget(site: Site) -> None:
    """Throw away what was published: it may tell what is yet to come."""
    shutil.rmtree(site.store.folder / "versions", ignore_errors=True)
    (site.store.folder / "current").unlink(missing_ok=True)


@dataclass(frozen=True)
class Keys:
    """What opens the doors of the demo; new at each start."""

    staff: str
    token: str
    account: str | None


def make_keys(session: Session, settings: Settings) -> Keys:
    admin = by_email(session, ADMIN) or accounts.add(
        session, email=ADMIN, name="Ola", role=Role.ADMIN, locale=settings.default_locale, actor=ACTOR
    )
    scopes = [scope.value for scope in Scope]
    expires = clock.wall() + KEYS_LIVE
    token = tokens.create(session, name="demo", scopes=scopes, expires_at=expires, actor=ACTOR)
    shop = session.scalar(select(AccountRecovery).where(AccountRecovery.account == SHOP))
    link = None
    if shop is not None:
        describe_account(session, shop, {"login_hash": login_key(settings.secret, LOGIN), "contact": LOGIN}, ACTOR)
        link = f"{settings.base_url}/recovery/a/{mint_link(session, shop, ACTOR)}/"
    return Keys(link_address(accounts.make_link(session, admin, ACTOR, KEYS_LIVE)), token, link)


def welcome(settings: Settings) -> None:
    """Say at once where to look."""
    with db.transaction(quiet=True) as session:
        keys = make_keys(session, settings)
    base, now = settings.base_url, clock.now().astimezone(ZONE)
    numbers = {"done": 1, "total": 1, "sequence": 100}
    names = {"panel": "panel-c", "account": by_turn()[LATE_TURN], "stage": "access", "state": "restored"}
    report = {**names, **numbers, "at": now.isoformat(timespec="seconds")}
    one_account = f"  One account    {keys.account}    (the personal page of one shop)\n" if keys.account else ""
    one_account += f"  A link by mail {base}/recovery/link/    (the login {LOGIN}; the mail is printed here)\n"
    click.echo(f"""
It is {now:%A %d %B %Y, %H:%M} in the story.

  The page       {base}/    in English: {base}/en/
  Staff          {keys.staff}    (signs you in once)
{one_account}  Feeds          {base}/history.atom    {base}/panels/panel-c.atom
  Recovery API   curl -X POST {base}/api/v1/recovery/reports \\
                   -H 'Authorization: Bearer {keys.token}' -H 'Content-Type: application/json' \\
                   -d '{json.dumps(report)}'
  Break a panel  {command()} demo break panel-b    (red within 10 s; a draft incident appears)
                 {command()} demo mend panel-b
  Another day    {command()} demo --at 2021-03-12

Stop with Ctrl-C; the next start goes on from there.
""")


def command() -> str:
    """What the reader has to type for this command."""
    path = Path(sys.argv[0])
    return os.path.relpath(path) if path.name == "statuspage" and path.parent != Path() else "statuspage"


@group.command("break")
@click.argument("panel")
def break_panel(panel: str) -> None:
    """Let a fake panel fail: its page answers 500, its API refuses, its heart stands still."""
    turn(panel, broken=True)
    click.echo(f"{panel} is broken: its row turns red within 10 s. Mend it with: {command()} demo mend {panel}")


@group.command()
@click.argument("panel")
def mend(panel: str) -> None:
    """Let a fake panel work again."""
    turn(panel, broken=False)
    click.echo(f"{panel} works again: its row recovers within 10 s.")


def turn(panel: str, *, broken: bool) -> None:
    props = Props(settings().instance_dir)
    known = props.panels()
    if not known:
        fail("there is no demo here: start it first with `statuspage demo`, in this folder")
    if panel not in known:
        fail(f"there is no panel {panel}: choose one of {', '.join(known)}")
    others = props.broken() - {panel}
    props.set_broken(others | {panel} if broken else others)
