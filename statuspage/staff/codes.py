"""The second step of signing in: a code from the app, or a recovery code."""

from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField

from statuspage.accounts import actions, rules
from statuspage.db import transaction
from statuspage.i18n import noop
from statuspage.staff import desk, devices, door
from statuspage.staff.fields import Limit, Needed
from statuspage.staff.forms import StaffForm
from statuspage.staff.protection import CODE
from statuspage.web import policy
from statuspage.web.limits import limiter
from statuspage.web.site import site

WRONG = noop("This code does not fit, or was used already. Wait for the app's next one, or take a recovery code.")
# Three of a million codes fit at a time: so few tries make one hit in years.
TRIES = "5 per 5 minutes; 20 per hour"


class CodeForm(StaffForm):
    """The code of now."""

    code = StringField(
        noop("Code"), [Needed(), Limit(40)], render_kw={"autocomplete": "one-time-code", "autofocus": True}
    )
    next = HiddenField()


def register(app: Flask) -> None:
    app.add_url_rule(CODE, "staff.code", give_code, methods=["GET", "POST"])


def budget() -> str:
    return f"code:{devices.budget(desk.me().email)}"


@policy.needs("session")
@limiter.limit(TRIES, methods=["POST"], deduct_when=door.failed, key_func=budget)
def give_code() -> AnyResponse:
    if request.method == "GET" and desk.somebody() is not None:
        return redirect(rules.local_path(request.args.get("next")), 303)
    form = CodeForm.received(next=request.args.get("next", ""))
    if form.accepted():
        with transaction(quiet=True) as session:
            key, offered = site().settings.secret, form.code.data
            secret = actions.give_code(session, key, desk.me(), offered, door.visitor())
        if secret is not None:
            return door.go_on(redirect(rules.local_path(form.next.data), 303), secret, desk.me().email)
        form.refuse(WRONG, 401)
    return page(form)


def page(form: CodeForm) -> Response:
    form.code.data = None
    return desk.page("staff/code.html", form.status, form=form)
