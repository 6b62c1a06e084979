"""The views of the public audience: what depends on the reader's input, and errors.

They read the published snapshot in memory, so they answer without the database.
"""

from flask import Flask, Response, request
from werkzeug.exceptions import default_exceptions

from statuspage import clock
from statuspage.i18n import noop, translate
from statuspage.public import contents, health, which_panel
from statuspage.public.documents import Here, render_page
from statuspage.public.search import found
from statuspage.publishing.notices import beneath
from statuspage.web import policy
from statuspage.web.site import site

LONGEST_QUERY = 200
TITLES = {
    400: noop("That cannot be answered"),
    403: noop("Not for you"),
    404: noop("This page does not exist"),
    405: noop("This does not work that way"),
    408: noop("That took too long"),
    409: noop("Somebody was faster"),
    413: noop("That is too much"),
    422: noop("Something is not right"),
    429: noop("Too fast"),
    503: noop("Just a moment"),
}
BROKEN = noop("Something broke")
# Instead of the English words that the web framework has for these.
INSTEAD = {
    404: noop("The address may have a typo, or what stood here is gone."),
    405: noop("Please go back and try it from the page itself."),
    413: noop("What you sent is too large."),
    429: noop("Please wait a little and try again."),
}


def register(app: Flask) -> None:
    health.register(app)
    for locale in site_locales(app):
        for kind, view in (("which-panel", which), ("faq", faq)):
            path = app.extensions["statuspage"].pages.href(kind, locale)
            app.add_url_rule(path, f"public.{kind}.{locale}", view)


def site_locales(app: Flask) -> tuple[str, ...]:
    locales: tuple[str, ...] = app.extensions["statuspage"].settings.locales
    return locales


@policy.public
def which() -> Response:
    """Which panel an account created on a day or in a month is on."""
    snapshot = site().snapshot()
    today = clock.now().astimezone(snapshot.brand.zone).date()
    context = contents.which_panel(snapshot)
    words = request.args.get("created", "").strip()
    if words:
        context["answer"] = which_panel.answer(words, context["panels"], today)
    status = 400 if words and context["answer"].kind is which_panel.Kind.NO_SUCH_DAY else 200
    return _page("which-panel", {**contents.common(snapshot), **context}, status)


@policy.public
def faq() -> Response:
    """Articles that hold all the words asked for."""
    snapshot = site().snapshot()
    context = {**contents.common(snapshot), **contents.faq(snapshot)}
    query = request.args.get("q", "")[:LONGEST_QUERY].strip()
    if query:
        context |= {"query": query, "found": found(snapshot.articles, query, locale_of(request.path))}
    return _page("faq", context)


def _page(kind: str, context: contents.Context, status: int = 200) -> Response:
    locale = locale_of(request.path)
    body = render_page(site().pages, locale, Here(kind), context)
    return Response(beneath(site().store.current, locale, body), status, mimetype="text/html")


def locale_of(path: str) -> str:
    """The locale that a path is in."""
    locales = site().settings.locales
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in locales[1:] else locales[0]


def error_page(status: int, message: str) -> str:
    """A page for people: what happened and what to do next, in their language."""
    locale = locale_of(request.path)
    default = default_exceptions.get(status)
    if not message or (default is not None and message == default.description):
        message = INSTEAD.get(status, message)
    title = translate(locale, TITLES.get(status, BROKEN))
    told = translate(locale, message) if message else ""
    brand = site().publisher.brand
    return site().pages.render(locale, "public/error.html", title=title, message=told, brand=brand)
