"""My choice: the form, what I chose as a receipt to keep, and how to change it."""

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock, paths
from statuspage.db import reading, transaction
from statuspage.errors import existing
from statuspage.personal import key
from statuspage.personal.frame import page
from statuspage.recovery.actions.choices import NO_CHOICE
from statuspage.recovery.actions.choices import choose as keep
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries.choices import choice_of
from statuspage.recovery.queries.merging import family
from statuspage.recovery.rules.choices import QUESTIONS
from statuspage.web import policy
from statuspage.web.site import site


def register(app: Flask, locale: str) -> None:
    default = app.extensions["statuspage"].settings.default_locale
    path = paths.path("recovery-choice", locale, default, "<choice>")
    app.add_url_rule(path, f"personal.choice.{locale}", show, methods=["GET"])
    app.add_url_rule(path, f"personal.choose.{locale}", choose, methods=["POST"])


@policy.needs("personal", "account")
def show(choice: str) -> Response:
    """What I chose and when, with its number; the form while it can be changed."""
    with reading() as session:
        owner = session.get_one(AccountRecovery, key.account_id())
        found = existing(choice_of(session, [one.id for one in family(session, owner)], choice), NO_CHOICE)
        now = clock.now()
        return page("recovery-choice", "personal/choice.html", choice, choice=found, questions=QUESTIONS, now=now)


@policy.needs("personal", "act")
def choose(choice: str) -> AnyResponse:
    """Keep what I choose, and show the receipt."""
    with transaction(quiet=True) as session:
        owner = session.get_one(AccountRecovery, key.account_id())
        keep(session, owner, choice, request.form.get("option", ""), clock.now())
    return redirect(site().pages.href("recovery-choice", key.locale(), choice), 303)
