"""The views of the public audience: what depends on the reader's input, health, and errors."""

from flask import Flask, Response, request

from statuspage.web import policy
from statuspage.web.site import site


def register(app: Flask) -> None:
    app.add_url_rule("/healthz", "public.healthz", healthz)


@policy.public
def healthz() -> Response:
    """This process answers."""
    return Response("ok\n", mimetype="text/plain")


def locale_of(path: str) -> str:
    """The locale that a path is in."""
    locales = site().settings.locales
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in locales[1:] else locales[0]


def error_page(status: int, message: str) -> str:
    """A page for people: what happened and what to do next."""
    locale = locale_of(request.path)
    brand = site().publisher.brand
    return site().pages.render(locale, "public/error.html", status=status, message=message, brand=brand)
