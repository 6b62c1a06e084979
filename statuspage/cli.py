"""The `statuspage` command: the table of its parts, each loaded only when it is called."""

from importlib import import_module

import click

from statuspage import __version__

# name: (module of statuspage.commands, its command, what it does)
COMMANDS = {
    "run": ("serve", "run", "Web server and worker together: all that one machine needs."),
    "web": ("serve", "web", "The web server alone; the worker runs elsewhere."),
    "worker": ("serve", "worker", "The worker alone: probes, publishes, keeps time."),
    "demo": ("demo", "group", "Serve the reference scenario: a burnt data centre."),
    "init": ("init", "init", "An empty site of your own, with its first administrator."),
    "post-update": ("post_update", "post_update", "Publish an update from this terminal, also without a database."),
    "publish": ("serve", "publish", "Write the static site once, now."),
    "stand-in": ("stand_in", "stand_in", "The page that a proxy serves at a dead panel's own address."),
    "import": ("configuration", "import_file", "Make panels, functions, components and probes as a file says."),
    "export": ("configuration", "export_file", "Panels, functions, components and probes as a file."),
    "db": ("database", "group", "The database's schema."),
    "backup": ("backup", "backup", "Copy the running database into a file."),
    "restore": ("backup", "restore", "Bring the database back from a backup."),
    "staff": ("staff", "group", "The people of the staff desk."),
    "recovery": ("recovery", "group", "Send reports of restoration to a status page."),
    "token": ("token", "group", "The keys of programs."),
    "audit": ("audit", "group", "Whether the log of who did what is still what was sealed."),
    "doctor": ("doctor", "doctor", "What is wrong, and what to do."),
}


class Lazy(click.Group):
    """Loads a command's module when it is called: `--help` must answer at once, also on a slow machine."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name, _ = COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"statuspage.commands.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, _, words) in COMMANDS.items()])


@click.group(cls=Lazy)
@click.version_option(__version__)
def main() -> None:
    """A status page that answers each customer: am I affected, when is it back, what do I do now."""
