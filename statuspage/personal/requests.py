"""My requests: ask for what is missing on my account."""

from datetime import date

from flask import Flask, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock, paths
from statuspage.db import transaction
from statuspage.errors import Invalid, existing
from statuspage.i18n import noop
from statuspage.personal import key
from statuspage.recovery.actions.backlog import Wish
from statuspage.recovery.actions.backlog import ask as keep
from statuspage.recovery.models import AccountRecovery
from statuspage.recovery.queries.merging import family
from statuspage.recovery.rules.backlog import LONGEST_NOTE, BacklogKind, is_day
from statuspage.web import policy
from statuspage.web.gate import clean
from statuspage.web.site import site

WHICH = noop("Choose what is missing.")
SINCE = noop("Enter the first day of what is missing: a day that has been, like 2021-03-09.")
TOO_LONG = noop("The note is too long: write at most 1,000 characters.")
NOT_YOURS = noop("There is no such account on this page.")


def register(app: Flask, locale: str) -> None:
    default = app.extensions["statuspage"].settings.default_locale
    path = paths.path("recovery-requests", locale, default)
    app.add_url_rule(path, f"personal.requests.{locale}", back, methods=["GET"])
    app.add_url_rule(path, f"personal.ask.{locale}", ask, methods=["POST"])


@policy.needs("personal", "account")
def back() -> AnyResponse:
    """Whoever changes the language after a refusal gets the page itself."""
    return redirect(site().pages.href("recovery-my", key.locale()), 303)


@policy.needs("personal", "act")
def ask() -> AnyResponse:
    """Keep what I ask for."""
    wish = wished()
    with transaction(quiet=True) as session:
        owner = session.get_one(AccountRecovery, key.account_id())
        mine = {str(one.id): one for one in family(session, owner)}
        account = existing(mine.get(request.form.get("account", str(owner.id))), NOT_YOURS)
        keep(session, account, wish, clock.now())
    return redirect(f"{site().pages.href('recovery-my', key.locale())}#requests", 303)


def wished() -> Wish:
    """What the form says. Raises `Invalid` with what to do about it."""
    kind, since = request.form.get("kind", ""), day(clean(request.form.get("since", "")))
    note = clean(request.form.get("note", "")).strip()
    if kind not in set(BacklogKind):
        raise Invalid(WHICH)
    if since is None or not is_day(since, clock.now().astimezone(site().settings.zone).date()):
        raise Invalid(SINCE)
    if len(note) > LONGEST_NOTE:
        raise Invalid(TOO_LONG)
    return Wish(BacklogKind(kind), since, note)


def day(words: str) -> date | None:
    """The day that the words name as 2021-03-09, if there is one."""
    try:
        return date.fromisoformat(words.strip()) if len(words.strip()) == len("2021-03-09") else None
    except ValueError:
        return None
