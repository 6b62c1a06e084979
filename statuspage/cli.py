"""The `statuspage` command."""

import click

from statuspage import __version__
from statuspage.commands import database, demo, doctor, init, serve, staff, token


@click.group()
@click.version_option(__version__)
def main() -> None:
    """A status page that answers each customer: am I affected, when is it back, what do I do now."""


COMMANDS: tuple[click.Command, ...] = (
    database.group,
    demo.group,
    init.init,
    staff.group,
    token.group,
    serve.run,
    serve.web,
    serve.worker,
    serve.publish,
    doctor.doctor,
)
for command in COMMANDS:
    main.add_command(command)
