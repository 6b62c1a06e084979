"""`statuspage audit verify`: whether the log of acts is still what was sealed."""

import json
import sys
from typing import Any

import click

from statuspage.audit.queries import verify as look
from statuspage.audit.rules import Verdict
from statuspage.commands.context import app_context
from statuspage.db import reading

DIGEST_LENGTH = 64
WORDS = {
    "changed": "entry {} is not what it was when it was sealed",
    "deleted": "entry {} is gone",
    "inserted": "entry {} was slipped in after its neighbours were sealed",
}


@click.group("audit")
def group() -> None:
    """The log of who did what."""


def digest(context: click.Context, option: click.Parameter, words: str | None) -> str | None:
    if words is not None and (len(words) != DIGEST_LENGTH or set(words) - set("0123456789abcdef")):
        raise click.BadParameter(
            "give the whole digest, 64 characters, as an earlier `statuspage audit verify` said it"
        )
    return words


@group.command()
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.option("--expect", callback=digest, metavar="DIGEST", help="A digest that was noted earlier, elsewhere.")
def verify(*, as_json: bool, expect: str | None) -> None:
    """Check the chain of seals over the audit log; exit code 1 at the first place that does not hold.

    Keep the digest that it prints out of this database's reach, and give it with --expect the next time: only so is
    found out who rewrote the whole log, or cut off its end.
    """
    with app_context():
        with reading() as session:
            found = look(session, expect)
        told = as_document(found) if as_json else "\n".join(sentences(found))
        click.echo(told)
    sys.exit(0 if found.holds else 1)


def as_document(found: Verdict) -> str:
    document: dict[str, Any] = {
        "holds": found.holds,
        "sealed": found.sealed,
        "unsealed": found.unsealed,
        "digest": found.last or None,
        "fault": {"entry": found.entry, "kind": found.fault.value} if found.fault else None,
        "missing_guards": found.unguarded,
        "expected_found": found.expected,
    }
    return json.dumps(document, indent=2)


def sentences(found: Verdict) -> list[str]:
    """The same for people, the worst first."""
    said = []
    if found.fault:
        said.append(f"BROKEN: {WORDS[found.fault].format(found.entry)}. The {found.sealed:,} before it hold.")
    if found.expected is False:
        said.append("BROKEN: the expected digest is not in this log: it was rewritten, or its end was cut off.")
    if found.unguarded:
        said.append(f"BROKEN: nothing keeps the log append-only: missing {', '.join(found.unguarded)}.")
    if found.holds:
        said.append(f"The log holds: {found.sealed:,} entries are what they were when they were sealed.")
    if found.unsealed:
        said.append(f"{found.unsealed:,} not sealed yet: the worker seals them within seconds.")
    if found.last:
        said.append(f"Digest of the last one that holds, to keep elsewhere: {found.last}")
    return said
