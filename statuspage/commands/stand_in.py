"""`statuspage stand-in`: what a proxy serves at a dead panel's own address, made from the published page."""

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import click
from markupsafe import Markup

from statuspage import clock, phrases
from statuspage.commands.context import app_context, fail
from statuspage.estimates.rules import Subject
from statuspage.i18n import translate
from statuspage.panels.rules import Status
from statuspage.public import contents, sentences
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import ArticleView, Ledger, PanelView
from statuspage.web.pages import Pages

SOON = "300"
MOST_ARTICLES = 5
# The pair of backslashes first: what comes after it may look like another escape.
ESCAPES = {"\\\\": "\\u005c", '\\"': "\\u0022", "\\n": " ", "\\r": " ", "\\t": " ", "'": "\\u0027", "$": "\\u0024"}
PRINTED_FOLDER = Path("/etc/nginx/stand-in")
NEXT = """\
Written: {conf} and {page}.
1. Your "listen 443 ssl" and certificate lines go into {tls}; --upstream names where the panel answers.
2. In nginx's http block: include {conf};   then: nginx -t && nginx -s reload
3. Do the same again whenever the state or the estimate changes; the files hold what was published at {as_of}.
"""


@dataclass(frozen=True)
class StandIn:
    """The two files for one panel; the page is allowed to run what `conf` names by its hash."""

    conf: str
    page: str


@dataclass(frozen=True)
class Place:
    """Where the page will lie, and where the panel answers when it is well."""

    folder: Path
    upstream: str = "127.0.0.1:8080"


@click.command("stand-in")
@click.option("--for", "proxy", required=True, type=click.Choice(["nginx"]), help="Which proxy will serve it.")
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Write the two files there.")
@click.option(
    "--upstream", default="127.0.0.1:8080", show_default=True, help="Where the panel answers when it is well."
)
@click.option("--locale", "chosen", multiple=True, help="A language on the page, the first first; all by default.")
@click.argument("panel")
def stand_in(proxy: str, folder: Path | None, upstream: str, chosen: tuple[str, ...], panel: str) -> None:
    """The page that a proxy serves at the address of PANEL while it is dead, and how: always 503, never cached."""
    if not re.fullmatch(r"[\w.:\[\]-]+", upstream):
        fail(f"{upstream!r} is no address: name a host and a port like 10.0.0.7:8080")
    with app_context() as (_, site):
        snapshot = site.store.snapshot()
        if snapshot is None:
            fail("nothing is published yet: run `statuspage publish` first")
        locales = _locales(chosen, site.pages.locales)
        found = snapshot.panel_by_slug.get(panel)
        if found is None:
            known = ", ".join(snapshot.panel_by_slug) or "none yet"
            fail(f"there is no panel {panel!r}; there are: {known}")
        place = Place((folder or PRINTED_FOLDER).absolute(), upstream)
        files = make(site.pages, snapshot, found, locales, place)
    if folder is None:
        click.echo(f"{files.conf}\n<!-- {panel}.html, for {PRINTED_FOLDER} -->\n{files.page}")
        return
    _write(files, folder.absolute(), panel, snapshot)


def _locales(chosen: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    strange = [one for one in chosen if one not in known]
    if strange:
        fail(f"there is no locale {strange[0]!r}; there are: {', '.join(known)}")
    return tuple(dict.fromkeys(chosen)) or known


def _write(files: StandIn, folder: Path, slug: str, snapshot: Snapshot) -> None:
    conf, page = folder / f"{slug}.conf", folder / f"{slug}.html"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, words in ((conf, files.conf), (page, files.page)):
            # The proxy may be serving it: half a page must never be seen.
            draft = path.with_name(f".{path.name}")
            draft.write_text(words)
            draft.replace(path)
    except OSError as error:
        fail(f"cannot write into {folder} ({error.strerror}): name another folder with --to")
    as_of = snapshot.as_of.astimezone(snapshot.brand.zone).isoformat(sep=" ", timespec="minutes")
    click.echo(NEXT.format(conf=conf, page=page, tls=folder / f"{slug}.tls", as_of=as_of), nl=False)


def make(pages: Pages, snapshot: Snapshot, panel: PanelView, locales: Sequence[str], place: Place) -> StandIn:
    """Configuration and page of one panel, the page in all `locales`."""
    context = {**contents.common(snapshot), **_context(snapshot, panel)}
    parts = [_part(pages, locale, context) for locale in locales]
    style, script = (pages.render(locales[0], f"stand_in/{name}", **context) for name in ("page.css", "page.js"))
    title = heading(locales[0], context["names"], panel)
    page = pages.render(locales[0], "stand_in/page.html", **context, parts=parts, title=title)
    conf = pages.render(
        locales[0],
        "stand_in/nginx.conf",
        **context,
        folder=place.folder,
        upstream=place.upstream,
        host=urlsplit(panel.login_url).hostname or f"{panel.slug}.example.com",
        retry_after=retry_after(context["ledger"]),
        style=_digest(style),
        script=_digest(script),
        problem=_quoted(_problem(snapshot, panel, context["ledger"], locales)),
    )
    return StandIn(conf, page)


def _part(pages: Pages, locale: str, context: contents.Context) -> Markup:
    title = heading(locale, context["names"], context["panel"])
    return Markup(pages.render(locale, "stand_in/part.html", **context, heading=title))  # noqa: S704  # our own template


def _context(snapshot: Snapshot, panel: PanelView) -> contents.Context:
    ledger = promised(snapshot, panel)
    return {
        "panel": panel,
        "as_of": snapshot.as_of,
        "ledger": ledger,
        "overdue": _is_overdue(ledger),
        "articles": advice(snapshot, panel)[:MOST_ARTICLES],
    }


def promised(snapshot: Snapshot, panel: PanelView) -> Ledger | None:
    """The open promise about the panel, else about an open incident that it is part of."""
    incidents = [(Subject.INCIDENT, one.public_id) for one in snapshot.open_incidents if panel.slug in one.panels]
    found = [snapshot.ledger(*subject) for subject in [(Subject.PANEL, panel.slug), *incidents]]
    return next((one for one in found if one and one.current), None)


def advice(snapshot: Snapshot, panel: PanelView) -> list[ArticleView]:
    """What to do now: the panel's guides and questions, else those of its incidents that are about no other panel."""
    about = contents.panel(snapshot, panel)
    mine = [*about["guides"], *about["questions"]]
    if mine:
        return mine
    incidents = [one for one in snapshot.open_incidents if panel.slug in one.panels]
    found = [article for one in incidents for article in contents.bound_to_incident(snapshot, one)]
    return list({one.slug: one for one in found if not one.panels}.values())


def heading(locale: str, names: contents.Names, panel: PanelView) -> str:
    """A panel whose stand-in is seen does not work, whatever was published when it was made."""
    who = panel.name.read(locale).text
    if panel.status is Status.MAJOR:
        return sentences.state(locale, sentences.standing(panel, names.keys), 1, who)
    return translate(locale, "%(name)s does not answer now.", name=who)


def _is_overdue(ledger: Ledger | None) -> bool:
    return ledger is not None and ledger.current is not None and ledger.current.is_overdue(clock.now())


def retry_after(ledger: Ledger | None) -> str:
    """When programs may come again: the date that was promised while it lies ahead, else some minutes from now."""
    promise = ledger.current if ledger else None
    if promise is None or promise.is_overdue(clock.now()):
        return SOON
    # HTTP dates are the machine's time, also in the demo's story.
    return format_datetime(clock.wall() + (promise.ends_at - clock.now()), usegmt=True)


def _problem(
    snapshot: Snapshot, panel: PanelView, ledger: Ledger | None, locales: Sequence[str]
) -> dict[str, str | int]:
    """What a program gets (RFC 9457), in English where the site speaks it."""
    locale = "en" if "en" in locales else locales[0]
    if ledger is None or _is_overdue(ledger):
        detail = translate(locale, "When it is back is not known yet.")
    else:
        words = phrases.expected(locale, ledger.promises, snapshot.brand.zone)
        detail = f"{words[:1].upper()}{words[1:]}."
    title = heading(locale, contents.names(snapshot), panel)
    return {"type": "about:blank", "title": title, "status": 503, "detail": detail, "panel": panel.slug}


def _quoted(document: dict[str, str | int]) -> str:
    """JSON that can stand between nginx's single quotes: it would undo backslashes and fill in `$names`."""
    words = json.dumps(document)
    for sign, escape in ESCAPES.items():
        words = words.replace(sign, escape)
    return words


def _digest(words: str) -> str:
    """The source that a Content-Security-Policy names for an inline style or script."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(words.encode()).digest()).decode()}'"
