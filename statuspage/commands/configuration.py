"""`statuspage import` and `export`: the site's panels, functions, components and probes as one file."""

import json
import os
from dataclasses import asdict
from pathlib import Path
from secrets import token_hex
from typing import Any, BinaryIO, NoReturn

import click

from statuspage.commands.context import app_context, fail, settings
from statuspage.commands.staff import TERMINAL
from statuspage.configuration import actions, queries
from statuspage.configuration.actions import Done
from statuspage.configuration.exports import exported
from statuspage.configuration.references import Hiding, resolved
from statuspage.configuration.rules import HIDDEN, Act, Subject
from statuspage.configuration.shapes import PATH, File, fit, pointer, schema_text
from statuspage.db import reading, transaction
from statuspage.errors import Invalid
from statuspage.probing import guard
from statuspage.web import yaml
from statuspage.web.site import Site
from statuspage.web.yaml import NotReadable, Tree

INVALID = 2
SIGNS = {Act.CREATED: "+", Act.CHANGED: "~", Act.DISABLED: "o", Act.REMOVED: "-"}
EDITORS = "# yaml-language-server: $schema={address}\n"


def show_schema(context: click.Context, parameter: click.Parameter, asked: bool) -> None:  # noqa: FBT001  # click's
    if asked:
        click.echo(schema_text(settings().base_url))
        context.exit()


@click.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would change, and change nothing.")
@click.option(
    "--prune", is_flag=True, help="Remove what the file does not name; what has a story stays or is an error."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
@click.option("--schema", is_flag=True, is_eager=True, expose_value=False, callback=show_schema,
              help="Print the JSON Schema of the file and end.")  # fmt: skip
def import_file(file: BinaryIO, *, dry_run: bool, prune: bool, as_json: bool) -> None:
    """Make panels, functions, components and probes as FILE (YAML or JSON, - for standard input) says.

    All of it or nothing; a second time it changes nothing. Ends with 0 when done, 2 when the file is wrong, 1 when
    it failed otherwise.
    """
    with app_context() as (_, site):
        name, tree = getattr(file, "name", "-"), Tree(None, {})
        try:
            tree = yaml.read(file.read())
            wanted = fit(resolved(tree.data, os.environ))
            done = _dry(wanted, site, prune=prune) if dry_run else _wet(wanted, site, prune=prune)
        except NotReadable as error:
            _refuse([(error.line, pointer(error.place), error.reason)], name, as_json=as_json)
        except Invalid as error:
            _refuse([(tree.line(one.path), one.path, one.reason) for one in error.fields], name, as_json=as_json)
        _tell(done, site.settings.base_url, dry_run=dry_run, as_json=as_json)
        if done.plan.changes and not dry_run and not site.publisher.catch_up():
            click.echo("Saved; the page follows as soon as it can be published.", err=True)


def _dry(wanted: File, site: Site, *, prune: bool) -> Done:
    with reading() as session:
        return Done(queries.planned(session, wanted, _allowed(site), prune=prune))


def _wet(wanted: File, site: Site, *, prune: bool) -> Done:
    done = _dry(wanted, site, prune=prune)
    if not done.plan.changes:
        return done
    with transaction(quiet=True) as session:
        return actions.apply(session, wanted, _allowed(site), TERMINAL, prune=prune)


def _allowed(site: Site) -> tuple[guard.Network, ...]:
    return guard.networks(site.settings.probe_allow_private)


def _refuse(faults: list[tuple[int, str, str]], name: str, *, as_json: bool) -> NoReturn:
    """Each fault with its line; nothing was written."""
    found = sorted(faults)
    if as_json:
        rows = [{"line": line, "path": path, "reason": reason} for line, path, reason in found]
        click.echo(json.dumps({"errors": rows}, ensure_ascii=False, indent=2))
    for line, path, reason in found:
        click.echo(f"{name}:{line}: {path or '/'}: {reason}", err=True)
    fail("nothing was changed: mend the file and import it again", INVALID)


def _tell(done: Done, base_url: str, *, dry_run: bool, as_json: bool) -> None:
    beats = [(subject, f"{base_url}/api/v1/heartbeats/{token}") for subject, token in done.heartbeats]
    if as_json:
        click.echo(json.dumps(_report(done, beats, dry_run=dry_run), ensure_ascii=False, indent=2, default=str))
        return
    for change in done.plan.changes:
        click.echo(
            f"{SIGNS[change.act]} {change.subject}: {'switched off' if change.act is Act.DISABLED else change.act}"
        )
        for one in change.differences:
            click.echo(f"    {one.name}: {_value(one.old)} → {_value(one.new)}")
    for subject in done.plan.left:
        click.echo(f"? {subject}: not in the file, left as it is (--prune removes it)")
    what = "would change" if dry_run else "changed"
    click.echo(f"{len(done.plan.changes)} {what}, {done.plan.unchanged} unchanged.")
    for subject, address in beats:
        click.echo(f"The address of {subject}, shown this once: {address}")


def _report(done: Done, beats: list[tuple[Subject, str]], *, dry_run: bool) -> dict[str, Any]:
    return {
        "dry_run": dry_run,
        "changes": [
            {**_named(one.subject), "act": one.act, "differences": [asdict(found) for found in one.differences]}
            for one in done.plan.changes
        ],
        "unchanged": done.plan.unchanged,
        "left": [_named(one) for one in done.plan.left],
        "heartbeats": [{**_named(subject), "address": address} for subject, address in beats],
    }


def _named(subject: Subject) -> dict[str, Any]:
    return {"entry": subject.noun, "key": subject.key}


def _value(value: Any) -> str:
    if value is None or value == HIDDEN:
        return value or "nothing"
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, str) else str(value)


@click.command("export")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write FILE, not the terminal.")
@click.option("--with-secrets", is_flag=True, help="With what probes send as it is; keep the file private.")
def export_file(output: Path | None, *, with_secrets: bool) -> None:
    """Print panels, functions, components and probes as a file that `statuspage import` reads.

    What probes send (headers, bodies, queries of addresses) is replaced by ${NAME}, which the import takes from the
    environment. Addresses of heartbeats are never in the file.
    """
    with app_context() as (_, site):
        hiding = None if with_secrets else Hiding()
        with reading() as session:
            data = exported(queries.present(session), hiding)
        words = EDITORS.format(address=site.settings.base_url + PATH) + yaml.write(data)
        if output is None:
            click.echo(words, nl=False)
        else:
            _keep(output, words)
    if hiding and hiding.names:
        names = ", ".join(hiding.names)
        click.echo(f"Left out: {names}. Set them in the environment for the import, or see --with-secrets.", err=True)


def _keep(path: Path, words: str) -> None:
    """The whole file or the one before, for its owner alone."""
    draft = path.with_name(f".{path.name}-{token_hex(8)}")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
            file.write(words)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        fail(f"cannot write {path} ({error.strerror})")
