"""`statuspage recovery push`: sends a file of reports to a status page, with a bar, and goes on where it was cut."""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import click

from statuspage.client import REPORTS, TRANSFERS, Client, ClientError, Result, push_file
from statuspage.client.files import bookmark_of
from statuspage.commands.context import fail
from statuspage.commands.progress import Meter

KINDS = {"reports": REPORTS, "transfers": TRANSFERS}
SHOWN = 20
STOPPED = 130


@click.group("recovery")
def group() -> None:
    """Reports of restoration, sent from wherever they are made."""


@group.command()
@click.argument("file")
@click.option("--to", "url", required=True, help="The status page, like https://status.example.com.")
@click.option(
    "--token", envvar="STATUSPAGE_TOKEN", help="Better in STATUSPAGE_TOKEN: a command line can be read by others."
)
@click.option(
    "--token-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A file with the token."
)
@click.option(
    "--what", type=click.Choice(list(KINDS)), default="reports", show_default=True, help="What the lines are."
)
@click.option(
    "--resume", is_flag=True, help="Go on where a run that was cut had come to; from the start if FILE changed."
)
@click.option("--json", "as_json", is_flag=True, help="The result as JSON, for programs.")
@click.option(
    "--patience", default=300.0, show_default=True, type=click.FloatRange(0), help="Seconds to go on without an answer."
)
@click.option(
    "--part", default=50_000, show_default=True, type=click.IntRange(1, 1_000_000), help="Lines in a request."
)
@click.option(
    "--plain-http", is_flag=True, help="Allow http:// to another machine, though the token can be read on the way."
)
def push(
    file: str, url: str, token: str | None, token_file: Path | None, what: str, *,
    resume: bool, as_json: bool, patience: float, part: int, plain_http: bool,
) -> None:  # fmt: skip
    """Send FILE, a line of JSON for each report, or - for what comes in.

    Ends with 0 when all lines were taken, 1 when some were rejected (they are listed), 2 when the server refused or
    could not be reached.
    """
    path = None if file == "-" else Path(file)
    if path is not None and not path.is_file():
        fail(f"there is no file {path}", 2)
    meter = Meter(path.stat().st_size if path else None, quiet=as_json and not sys.stderr.isatty())
    try:
        client = Client(
            url, read_token(token, token_file), patience=patience, part_lines=part, plain_http=plain_http,
            on_wait=meter.wait,
        )  # fmt: skip
        result = send(client, path, KINDS[what], meter, resume=resume)
    except (ClientError, OSError) as error:
        meter.end()
        fail(f"{error}{advice(path, meter)}", 2)
    except KeyboardInterrupt:
        meter.end()
        fail(f"stopped after {meter.lines:,} lines{advice(path, meter)}", STOPPED)
    meter.end()
    tell(result, as_json=as_json)


def read_token(token: str | None, file: Path | None) -> str:
    found = file.read_text(encoding="utf-8").strip() if file else token
    if not found:
        fail("a token is missing: set STATUSPAGE_TOKEN or give --token-file; `statuspage token create` makes one", 2)
    return found


def send(client: Client, path: Path | None, what: str, meter: Meter, *, resume: bool) -> Result:
    if path is not None:
        return push_file(client, path, what=what, resume=resume, on_part=meter.show)
    stdin: BinaryIO = sys.stdin.buffer
    meter.show(Result())
    return client.push(stdin, what=what, on_part=meter.show)


def advice(path: Path | None, meter: Meter) -> str:
    """How to go on."""
    if path is not None and bookmark_of(path).exists():
        return ". Go on from there: the same command with --resume"
    return ". What was sent may be sent again" if meter.lines else ""


def tell(result: Result, *, as_json: bool) -> None:
    """The counts, and the lines that were rejected."""
    if as_json:
        click.echo(json.dumps(asdict(result), ensure_ascii=False))
    else:
        counts = f"{result.applied:,} applied, {result.unchanged:,} unchanged, {result.stale:,} stale"
        click.echo(f"{result.lines:,} lines: {counts}, {result.rejected:,} rejected.")
        for one in result.errors[:SHOWN]:
            click.echo(f"  line {one.line:,}: {f'{one.path} {one.reason}'.strip()}")
        if len(result.errors) > SHOWN:
            click.echo(f"  … {len(result.errors) - SHOWN:,} more; --json lists up to a thousand")
    sys.exit(1 if result.rejected else 0)
