"""Ask for my link: the same answer, in the same time, for a known and an unknown login."""

from flask import Flask, Response, request

from statuspage import clock, paths
from statuspage.db import transaction
from statuspage.errors import Invalid
from statuspage.i18n import noop
from statuspage.personal import key
from statuspage.personal.frame import page
from statuspage.recovery.actions.accounts import request_link
from statuspage.recovery.rules.links import login_key
from statuspage.web import policy
from statuspage.web.gate import clean
from statuspage.web.limits import limiter
from statuspage.web.site import site

LONGEST = 128
# Counted before the login is looked at, so that the refusal says nothing about it.
PER_ADDRESS = "20 per minute;200 per hour"
OVER_ALL = "600 per minute"
WRITE_LOGIN = noop("Write the login of your account, at most 128 characters.")


def register(app: Flask, locale: str) -> None:
    default = app.extensions["statuspage"].settings.default_locale
    path = paths.path("recovery-link", locale, default)
    app.add_url_rule(path, f"personal.link.{locale}", ask, methods=["GET"])
    app.add_url_rule(path, f"personal.wish.{locale}", wish, methods=["POST"])


@policy.public
def ask() -> Response:
    """The form."""
    return page("recovery-link", "personal/link.html", sent=False)


@policy.needs("personal", "form")
@limiter.limit(PER_ADDRESS)
@limiter.limit(OVER_ALL, key_func=lambda: "recovery-link")
def wish() -> Response:
    """Keep the wish; say the same to everybody."""
    login = clean(request.form.get("login", ""))
    if not login.strip() or len(login) > LONGEST:
        raise Invalid(WRITE_LOGIN)
    with transaction(quiet=True) as session:
        request_link(session, login_key(site().settings.secret, login), clock.wall(), key.locale())
    return page("recovery-link", "personal/link.html", sent=True)
