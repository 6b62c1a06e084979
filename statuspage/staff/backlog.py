"""What customers have asked for, as a queue; what they chose; and temporary accounts that are being merged."""

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import StringField

from statuspage import clock
from statuspage.db import reading
from statuspage.errors import existing
from statuspage.i18n import noop
from statuspage.recovery.actions.backlog import set_state
from statuspage.recovery.queries.backlog import open_backlog, request_named
from statuspage.recovery.queries.merging import newest_merges
from statuspage.recovery.rules import backlog as rules
from statuspage.recovery.rules import merging
from statuspage.recovery.rules.backlog import BacklogState
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, Limit, Needed
from statuspage.staff.forms import StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy

LIST = "/staff/recovery/requests/"
MERGES = "/staff/recovery/merges/"
NEXT = {state: words for state, words in rules.STATES.items() if state is not BacklogState.RECEIVED}


class StateForm(StaffForm):
    """How far a request is."""

    state = ChoiceField(noop("State"), validators=[Needed()], words=NEXT)
    reason = StringField(
        noop("Why is it declined?"), [Limit(500)], description=noop("The customer reads it; only needed to decline.")
    )


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.backlog", queue)
    app.add_url_rule(f"{LIST}<wish>/", "staff.backlog_request", one, methods=["GET", "POST"])
    app.add_url_rule(MERGES, "staff.merges", merges)


@policy.needs("staff", Permission.READ)
def queue() -> Response:
    with reading() as session:
        found = open_backlog(session)
        return desk.page("staff/backlog.html", found=found, kinds=rules.KINDS, states=rules.STATES)


@policy.needs("staff", Permission.RECOVERY)
def one(wish: str) -> AnyResponse:
    """One request: read it, say how far it is."""
    form = StateForm.received()
    if form.accepted():
        with form.saving(quiet=True) as session:
            reason = (form.reason.data or "").strip() or None
            set_state(session, wish, form.state.data, reason, actor=desk.actor(), now=clock.now())
        if form.saved:
            return desk.done(LIST)
    with reading() as session:
        found = existing(request_named(session, wish), "There is no such request.")
        return desk.page("staff/backlog_request.html", form.status, form=form, one=found, rules=rules)


@policy.needs("staff", Permission.READ)
def merges() -> Response:
    with reading() as session:
        return desk.page("staff/merges.html", merges=newest_merges(session), states=merging.STATES)
