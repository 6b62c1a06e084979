"""The `statuspage` command."""

import click

from statuspage import __version__
from statuspage.commands import database, demo


@click.group()
@click.version_option(__version__)
def main() -> None:
    """A status page that answers each customer: am I affected, when is it back, what do I do now."""


main.add_command(database.group)
main.add_command(demo.group)
