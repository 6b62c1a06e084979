"""`statuspage token …`: keys for programs that use the API."""

import json
from datetime import datetime, timedelta

import click
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.commands.context import app_context, fail
from statuspage.commands.staff import TERMINAL
from statuspage.db import reading, transaction
from statuspage.tokens import actions, queries
from statuspage.tokens.models import ApiToken
from statuspage.tokens.rules import Scope


@click.group("token")
def group() -> None:
    """API tokens, with the scopes that they may use."""


@group.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([str(one) for one in Scope]),
    help="What the token may do; can be given several times.",
)  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), help="End after so many days; never by default.")
def create(name: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a token and print it: this is the only time that it is shown."""
    with app_context():
        expires_at = clock.wall() + timedelta(days=days) if days else None
        with transaction(quiet=True) as session:
            plain = actions.create(session, name=name, scopes=scopes, expires_at=expires_at, actor=TERMINAL)
        click.echo(plain)


@group.command("list")
@click.option("--json", "as_json", is_flag=True, help="As JSON, for programs.")
def list_tokens(*, as_json: bool) -> None:
    """List the tokens, the newest first."""
    with app_context():
        with reading() as session:
            tokens = queries.all_tokens(session)
        if as_json:
            click.echo(json.dumps([_row(one) for one in tokens], ensure_ascii=False, indent=2))
            return
        for one in tokens:
            end = "revoked" if one.revoked_at else f"until {one.expires_at:%Y-%m-%d}" if one.expires_at else "no end"
            click.echo(f"sp_{one.prefix}_…  {one.name}  {', '.join(one.scopes)}  {end}")
        if not tokens:
            click.echo("No tokens yet: `statuspage token create NAME --scope recovery:write` makes one.")


@group.command()
@click.argument("token")
@click.option(
    "--overlap", type=click.IntRange(0, 24 * 90), default=24, show_default=True,
    help="For how many hours the old secret works beside the new one.",
)  # fmt: skip
def rotate(token: str, overlap: int) -> None:
    """Give a token a new secret and print it, once; TOKEN is its prefix, as `token list` shows it."""
    with app_context(), transaction(quiet=True) as session:
        found, old_until = _found(session, token), clock.wall() + timedelta(hours=overlap) if overlap else None
        expires_at = found.expires_at
        plain = actions.rotate(session, found.id, TERMINAL, old_until=old_until, expires_at=expires_at)
    click.echo(plain)


@group.command()
@click.argument("token")
def revoke(token: str) -> None:
    """End a token now; TOKEN is its prefix, as `token list` shows it."""
    with app_context(), transaction(quiet=True) as session:
        found = _found(session, token)
        actions.revoke(session, found.id, TERMINAL)
        click.echo(f"sp_{found.prefix}_… ({found.name}) is revoked.")


def _found(session: Session, token: str) -> ApiToken:
    prefix = token.removeprefix("sp_").split("_", 1)[0]
    return queries.by_prefix(session, prefix) or fail(f"there is no token sp_{prefix}_…: see `statuspage token list`")


def _row(token: ApiToken) -> dict[str, object]:
    return {
        "prefix": f"sp_{token.prefix}",
        "name": token.name,
        "scopes": token.scopes,
        "created_at": _iso(token.created_at),
        "expires_at": _iso(token.expires_at),
        "last_used_at": _iso(token.last_used_at),
        "revoked_at": _iso(token.revoked_at),
        "old_until": _iso(token.old_until),
        "old_used_at": _iso(token.old_used_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
