"""How many accounts each panel has: what was stated, what was seen, and why it changed."""

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from statuspage import clock
from statuspage.db import reading
from statuspage.errors import RuleBroken
from statuspage.i18n import noop
from statuspage.panels.queries import panel_at
from statuspage.recovery.actions.accounts import state_size
from statuspage.recovery.queries import sizes
from statuspage.staff import desk
from statuspage.staff.fields import TextsField
from statuspage.staff.forms import StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy

LIST = "/staff/recovery/sizes/"
LARGEST = 1_000_000_000
WHOLE = noop("Give a whole number from 0 to 1,000,000,000.")
SAME = noop("This number stands there already, so there is nothing to change.")


class SizeForm(StaffForm):
    """How many accounts a panel has, and why that changed."""

    size = IntegerField(noop("Accounts on this panel"), [InputRequired(WHOLE), NumberRange(0, LARGEST, WHOLE)])
    reason = TextsField(noop("Why did it change?"), needed=False, description=noop("Readers see it beside the number."))


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.sizes", overview)
    app.add_url_rule(f"{LIST}<slug>/", "staff.size", one, methods=["GET", "POST"])


@policy.needs("staff", Permission.READ)
def overview() -> Response:
    with reading() as session:
        return desk.page("staff/sizes.html", panels=sizes.panels_with_sizes(session))


@policy.needs("staff", Permission.PANELS)
def one(slug: str) -> AnyResponse:
    """The number of one panel with its history, and the form to state another."""
    with reading() as session:
        panel = panel_at(session, slug)
        known, steps = sizes.size_of(session, panel), sizes.steps_of(session, panel)
    form = SizeForm.received(size=known.size if known else None)
    if form.accepted():
        with form.saving() as session:
            if known and known.size == form.size.data:
                raise RuleBroken(SAME)
            reason = form.reason.result()
            state_size(session, slug, form.size.data, actor=desk.actor(), at=clock.now(), reason=reason)
        if form.saved:
            return desk.done(f"{LIST}{slug}/", desk.PUBLISHED)
    return desk.page("staff/size.html", form.status, form=form, panel=panel, known=known, steps=steps)
