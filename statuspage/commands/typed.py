"""What is typed at a terminal: words by language, states by component."""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from statuspage.commands.context import fail
from statuspage.errors import Invalid
from statuspage.incidents.rules import Says
from statuspage.panels.rules import Status
from statuspage.texts.rules import MARKDOWN_LIMIT
from statuspage.web.gate import clean
from statuspage.web.site import Site

COMPONENT = re.compile(r"(?P<name>[^=\s]+[:.][^=\s]+)=(?P<status>\w+)")
SHORT = {"degraded": Status.DEGRADED, "partial": Status.PARTIAL, "major": Status.MAJOR}


def by_locale(context: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """`pl=Words` and `en=Words`, each once, clean."""
    found: dict[str, str] = {}
    for one in given:
        locale, is_there, words = one.partition("=")
        if not is_there or locale in found:
            raise click.BadParameter(f"{one[:40]!r}: name each language once, like --{option.name} en='All works.'")
        found[locale] = words
    return found


def from_files(context: click.Context, option: click.Parameter, given: Sequence[str]) -> dict[str, str]:
    """`pl=update.md`; `-` is what comes in."""
    found = by_locale(context, option, given)
    try:
        return {
            locale: (_come_in() if name == "-" else Path(name).read_text("utf-8")) for locale, name in found.items()
        }
    except (OSError, UnicodeDecodeError) as error:
        raise click.BadParameter(
            f"cannot read it ({error}): give a file of UTF-8 text, or - for what comes in"
        ) from None


def _come_in() -> str:
    return sys.stdin.buffer.read(MARKDOWN_LIMIT + 1).decode()


def components(context: click.Context, option: click.Parameter, given: Sequence[str]) -> tuple[Says, ...]:
    """`panel-a:login=major`, also `panel-a.login=major_outage`."""
    found = []
    for one in given:
        parts = COMPONENT.fullmatch(one)
        if parts is None:
            raise click.BadParameter(f"{one!r}: write PANEL:FUNCTION=STATUS, like panel-a:login=major_outage")
        try:
            status = SHORT.get(parts["status"]) or Status(parts["status"])
        except ValueError:
            raise click.BadParameter(f"{parts['status']!r}: use one of {', '.join(Status)}") from None
        found.append(Says(parts["name"].replace(":", "."), status))
    return tuple(found)


def words_of(site: Site, option: str, given: Mapping[str, str], limit: int) -> dict[str, str]:
    """The words, clean, in languages of this site."""
    for locale, words in given.items():
        if locale not in site.settings.locales:
            fail(f"{option}: {locale!r} is not a language of this site: use {', '.join(site.settings.locales)}")
        if not words.strip() or len(words.encode("utf-8", "replace")) > limit:
            fail(f"{option} {locale}: write something, of at most {limit:,} bytes")
    try:
        return {locale: clean(words.strip()) for locale, words in given.items()}
    except Invalid:
        fail(f"{option}: it has control characters or broken Unicode; remove them")
