"""One's own second factor: setting up an app, recovery codes, turning it off."""

import secrets

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import HiddenField, StringField

from statuspage.accounts import actions
from statuspage.db import reading, transaction
from statuspage.factors import queries
from statuspage.factors.rules import app_address, app_secret, in_fours
from statuspage.i18n import noop
from statuspage.staff import desk, door
from statuspage.staff.fields import Needed, Pattern
from statuspage.staff.forms import STALE_KEY, Act, StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy
from statuspage.web.site import site

HERE = "/staff/me/factor"
OFF = desk.notice("factor-off", noop("The second factor is off, and all your other sessions have ended."))


class Setup(StaffForm):
    """The first code of an app. The salt comes back with the form, so that a wrong code needs no new key in the app."""

    salt = HiddenField(default=lambda: secrets.token_hex(16), validators=[Needed(), Pattern("[0-9a-f]{32}", STALE_KEY)])
    code = StringField(
        noop("Code that the app shows now"),
        [Needed()],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": 10},
    )

    def key(self) -> bytes:
        """What the app is to learn."""
        salt = "" if self.salt.errors else self.salt.data
        return app_secret(site().settings.secret, desk.me().staff_id, bytes.fromhex(salt))


def register(app: Flask) -> None:
    app.add_url_rule(HERE, "staff.factor", set_up, methods=["GET", "POST"])
    app.add_url_rule(f"{HERE}/codes", "staff.factor_codes", new_codes, methods=["POST"])
    app.add_url_rule(f"{HERE}/off", "staff.factor_off", turn_off, methods=["POST"])


@policy.needs("staff", Permission.OWN)
def set_up() -> AnyResponse:
    form = Setup.received()
    if form.accepted():
        with form.saving(quiet=True) as session:
            known = (site().settings.secret, desk.me().staff_id, bytes.fromhex(form.salt.data))
            secret, codes = actions.turn_on_factor(session, *known, form.code.data, door.visitor())
        if form.saved:
            return door.go_on(desk.page("staff/recovery_codes.html", codes=codes), secret, desk.me().email)
    return page(form)


def page(form: Setup) -> Response:
    me, brand = desk.me(), site().settings.brand_name
    with reading() as session:
        factor, left = queries.factor(session, me.staff_id), queries.codes_left(session, me.staff_id)
    key = form.key()
    shown = {"key": in_fours(key), "address": app_address(key, me.email, brand)}
    return desk.page("staff/factor.html", form.status, form=form, factor=factor, left=left, **shown)


@policy.needs("staff", Permission.OWN)
def new_codes() -> Response:
    Act.received().demand()
    with transaction(quiet=True) as session:
        codes = actions.renew_codes(session, site().settings.secret, desk.me().staff_id, desk.actor())
    return desk.page("staff/recovery_codes.html", codes=codes)


@policy.needs("staff", Permission.OWN)
def turn_off() -> AnyResponse:
    Act.received().demand()
    with transaction(quiet=True) as session:
        secret = actions.turn_off_own_factor(session, desk.me().staff_id, door.visitor())
    return door.go_on(desk.done(HERE, OFF), secret, desk.me().email)
