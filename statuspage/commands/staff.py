"""`statuspage staff …`: people of the desk, and the one-time links by which they come in."""

import json

import click

from statuspage.accounts import actions, queries, rules
from statuspage.accounts.rules import Role
from statuspage.audit.actions import Actor
from statuspage.commands.context import app_context, fail
from statuspage.db import reading, transaction
from statuspage.errors import Invalid
from statuspage.staff.accounts import link_address

TERMINAL = Actor("terminal")


@click.group("staff")
def group() -> None:
    """The people who may sign in at /staff/."""


@group.command()
@click.argument("email")
@click.option("--role", type=click.Choice([str(one) for one in Role]), default=str(Role.ADMIN), show_default=True)
@click.option("--name", default="", help="As colleagues know them.")
@click.option("--locale", default=None, help="Language of the desk; the site's first one by default.")
def add(email: str, role: str, name: str, locale: str | None) -> None:
    """Add a person and print the one-time link by which they sign in."""
    with app_context() as (_, site):
        known = site.settings.locales
        if locale is not None and locale not in known:
            fail(f"{locale!r} is not a language of this site: use one of {', '.join(known)}")
        _refuse_known(_address(email))
        with transaction(quiet=True) as session:
            speaks = locale or known[0]
            staff = actions.add(session, email=email, name=name, role=Role(role), locale=speaks, actor=TERMINAL)
            secret = actions.make_link(session, staff, TERMINAL)
        _print(staff.email, link_address(secret))


@group.command()
@click.argument("email")
def reset(email: str) -> None:
    """Let in a person who cannot sign in: a new one-time link, the second factor off, all sessions ended."""
    with app_context():
        address = _address(email)
        with transaction(quiet=True) as session:
            staff = queries.by_email(session, address)
            if staff is None:
                fail(f"nobody here has the address {address}: see `statuspage staff list`, or add them")
            if staff.disabled_at is not None:
                fail(f"{address} is shut out: an administrator lets them in again at /staff/accounts/")
            actions.turn_off_factor(session, staff.id, TERMINAL)
            secret = actions.make_link(session, staff, TERMINAL)
        _print(address, link_address(secret))
        click.echo("Their sessions have ended, and their second factor is off: they set up a new one at /staff/me/.")


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_staff(*, as_json: bool) -> None:
    """List the people of the staff."""
    with app_context():
        with reading() as session:
            people = queries.everybody(session)
        rows = [
            {"email": one.email, "name": one.name, "role": one.role, "disabled": one.disabled_at is not None}
            for one in people
        ]
        if as_json:
            click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
            return
        for row in rows:
            click.echo(f"{row['email']}  {row['role']}{'  (shut out)' if row['disabled'] else ''}")
        if not rows:
            click.echo("Nobody yet: `statuspage staff add you@example.com` prints a sign-in link.")


def _address(words: str) -> str:
    try:
        return rules.address(words)
    except Invalid:
        fail(f"{words!r} is no e-mail address: give one like anna@example.com")


def _refuse_known(address: str) -> None:
    with reading() as session:
        if queries.by_email(session, address) is not None:
            fail(f"{address} is on the list already: `statuspage staff reset {address}` prints a new link")


def _print(email: str, link: str) -> None:
    click.echo(f"Sign-in link for {email}, good once and for 30 minutes:")
    click.echo(link)
