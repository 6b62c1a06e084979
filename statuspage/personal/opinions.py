"""Was this helpful? Two buttons below an article. What is kept is a number, and nothing about who pressed."""

from flask import Flask, redirect, request
from werkzeug.wrappers import Response

from statuspage import paths
from statuspage.db import transaction
from statuspage.errors import FieldError, Invalid
from statuspage.faq.actions import vote
from statuspage.i18n import noop
from statuspage.personal import key
from statuspage.web import policy
from statuspage.web.limits import limiter
from statuspage.web.site import site

PER_ADDRESS = "10 per minute;60 per hour"
OVER_ALL = "300 per minute"
ANSWERS = {"yes": True, "no": False}
ONE_OF_BOTH = noop("Please press one of the two buttons below the article.")


def register(app: Flask, locale: str) -> None:
    path = paths.path("helpful", locale, app.extensions["statuspage"].settings.default_locale, "<slug>")
    app.add_url_rule(path, f"personal.helpful.{locale}", helpful, methods=["POST"])


@policy.public
@limiter.limit(PER_ADDRESS)
@limiter.limit(OVER_ALL, key_func=lambda: "helpful")
def helpful(slug: str) -> Response:
    """Count it, and lead back to the article, which says thank you."""
    answer = request.form.get("helpful", "")
    if answer not in ANSWERS:
        raise Invalid(ONE_OF_BOTH, (FieldError("/helpful", ONE_OF_BOTH),))
    # No page shows the number, so none is published for it.
    with transaction(quiet=True) as session:
        vote(session, slug, ANSWERS[answer])
    article = paths.path("article", key.locale(), site().settings.default_locale, slug)
    return redirect(f"{article}#thanks", 303)
