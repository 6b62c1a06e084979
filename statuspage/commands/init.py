"""`statuspage init`: an empty site with its first administrator."""

import click
from sqlalchemy import select

from statuspage import db
from statuspage.accounts import actions
from statuspage.accounts.models import Staff
from statuspage.accounts.rules import Role
from statuspage.audit.actions import Actor
from statuspage.commands.context import app_context, fail
from statuspage.commands.database import bring_up
from statuspage.staff.accounts import link_address


@click.command()
@click.argument("email")
@click.option("--name", default="", help="As colleagues know this person.")
def init(email: str, name: str) -> None:
    """Make an empty site: the schema, the secret key, and EMAIL as its first administrator.

    Prints a link that signs the administrator in once. Refuses a database that has people already.
    """
    with app_context() as (app, site):
        bring_up(app)
        with db.transaction() as session:
            if session.scalar(select(Staff.id).limit(1)) is not None:
                fail("this site has its people already: add more with `statuspage staff add EMAIL`")
            locale = site.settings.default_locale
            admin = actions.add(
                session, email=email, name=name, role=Role.ADMIN, locale=locale, actor=Actor("terminal")
            )
            link = link_address(actions.make_link(session, admin, Actor("terminal")))
        site.publisher.publish()
    click.echo(f"The site is ready in {site.settings.instance_dir}.\nSign in once, within 30 minutes: {link}")
    click.echo("Serve it with: statuspage run")
