"""Orders on the move at the desk: what is held back until somebody has looked, and opening it step by step."""

from flask import Flask, Response, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField
from wtforms.validators import StopValidation

from statuspage import clock
from statuspage.audit.queries import about
from statuspage.db import reading
from statuspage.errors import existing
from statuspage.i18n import noop
from statuspage.recovery.actions.transfers import NO_TRANSFER, confirm_transfer
from statuspage.recovery.queries.forwarding import transfer, unfinished
from statuspage.recovery.rules.gate import NEXT
from statuspage.staff import desk
from statuspage.staff.fields import NEEDED, Limit, Pattern
from statuspage.staff.forms import STALE_KEY, StaffForm
from statuspage.staff.permissions import Permission
from statuspage.staff.recovery import people_of
from statuspage.web import policy

LIST = "/staff/recovery/orders/"
OPENED = desk.notice("gate-opened", noop("Done: the next orders may move."))
KINDS = {"queue": noop("queue to the shops"), "temporary": noop("from a temporary account")}


class GateForm(StaffForm):
    """A step was looked at, or all may move for a reason. `allowance` is the step that the person saw."""

    allowance = HiddenField(validators=[Pattern("[0-9]{1,12}", STALE_KEY)])
    reason = StringField(
        noop("Why may all the rest move unchecked?"),
        [Limit(500)],
        description=noop("For the audit log; only needed to pass the check over."),
    )

    @property
    def passes_over(self) -> bool:
        return request.form.get("act") == "override"

    def validate_reason(self, field: StringField) -> None:
        if self.passes_over and not (field.data or "").strip():
            raise StopValidation(self.say(NEEDED))


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.transfers", overview)
    app.add_url_rule(f"{LIST}<name>/", "staff.transfer", one, methods=["GET", "POST"])


@policy.needs("staff", Permission.READ)
def overview() -> Response:
    with reading() as session:
        return desk.page("staff/transfers.html", transfers=unfinished(session), kinds=KINDS, now=clock.now())


@policy.needs("staff", Permission.RECOVERY)
def one(name: str) -> AnyResponse:
    """One transfer: how far it is, who opened it how far, and the form to open it further."""
    form = GateForm.received()
    if form.accepted():
        with form.saving() as session:
            reason = form.reason.data.strip() if form.passes_over else None
            confirm_transfer(session, name, int(form.allowance.data or 0), desk.actor(), reason)
        if form.saved:
            return desk.done(f"{LIST}{name}/", OPENED)
    with reading() as session:
        found = existing(transfer(session, name), NO_TRANSFER)
        acts = about(session, f"transfer:{name}")
        frame = {"one": found, "acts": acts, "people": people_of(session, {act.actor for act in acts})}
        return desk.page(
            "staff/transfer.html", form.status, form=form, kinds=KINDS, next=NEXT, now=clock.now(), **frame
        )
