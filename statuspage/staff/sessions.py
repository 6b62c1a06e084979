"""One's own sessions: which browsers are signed in, from where, and ending them."""

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField

from statuspage import clock
from statuspage.accounts import actions, queries
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.staff import desk
from statuspage.staff.fields import Needed, Pattern
from statuspage.staff.forms import STALE_KEY, Act, StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy

LIST = "/staff/me/sessions/"
ENDED = desk.notice("session-ended", noop("That session has ended."))
OTHERS_ENDED = desk.notice("others-ended", noop("All your other sessions have ended, and no link signs in any more."))


class Ending(StaffForm):
    """Which session is to end."""

    handle = HiddenField(validators=[Needed(), Pattern("[0-9a-f]{16}", STALE_KEY)])


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.sessions", sessions)
    app.add_url_rule(f"{LIST}end", "staff.end_session", end, methods=["POST"])
    app.add_url_rule(f"{LIST}end-others", "staff.end_other_sessions", end_others, methods=["POST"])


@policy.needs("staff", Permission.OWN)
def sessions() -> Response:
    with reading() as session:
        found = queries.open_sessions(session, clock.wall(), desk.me().staff_id)
    return desk.page("staff/sessions.html", sessions=found, this=desk.me().token_hash)


@policy.needs("staff", Permission.OWN)
def end() -> AnyResponse:
    form = Ending.received()
    form.demand()
    with transaction(quiet=True) as session:
        actions.end_session(session, desk.me().staff_id, form.handle.data, desk.actor())
    return desk.done(LIST, ENDED)


@policy.needs("staff", Permission.OWN)
def end_others() -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        actions.end_other_sessions(session, desk.me(), desk.actor())
    return desk.done(LIST, OTHERS_ENDED)
