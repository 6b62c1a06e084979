"""Probes at the desk: list, make, change, last results, and the address of a heartbeat."""

from typing import Any

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, FloatField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from statuspage import clock
from statuspage.accounts.rules import Role
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.panels.queries import all_components
from statuspage.probing import actions, guard, queries
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind, Verdict, Wish, is_silent
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, Limit, Needed
from statuspage.staff.forms import Act, StaffForm
from statuspage.web import policy
from statuspage.web.site import site

LIST = "/staff/probes/"
KINDS = {
    Kind.HTTP: noop("web address: it must answer as expected"),
    Kind.TCP: noop("port: it must take a connection"),
    Kind.HEARTBEAT: noop("heartbeat: a job of yours calls us, we notice when it stops"),
}
VERDICTS = {
    Verdict.UP: noop("up"),
    Verdict.DEGRADED: noop("slow"),
    Verdict.DOWN: noop("down"),
    Verdict.UNKNOWN: noop("not known yet"),
}
EXTRAS = ("statuses", "keyword", "absent", "slow_ms", "grace")
SWITCHES = ("enabled", "gateway", "publishes_itself")


class ProbeForm(StaffForm):
    """A probe; what a kind does not use may stay empty."""

    name = StringField(noop("Name"), [Needed(), Limit(100)])
    component_id = SelectField(noop("Function on a panel"), coerce=int)
    kind = ChoiceField(noop("What is checked"), words=KINDS)
    target = StringField(
        noop("Address"), [Limit(500)], description=noop("https://panel.example.com/health, or host:5432 for a port")
    )
    interval = IntegerField(noop("Every … seconds"), [InputRequired()], default=30)
    timeout = FloatField(noop("Give up after … seconds"), [InputRequired()], default=10.0)
    down_after = IntegerField(noop("Down after so many failures in a row"), [InputRequired()], default=2)
    up_after = IntegerField(noop("Up after so many successes in a row"), [InputRequired()], default=2)
    statuses = StringField(noop("HTTP statuses that are right"), [Limit(100)], description=noop("200-299 if empty"))
    keyword = StringField(noop("Words that the answer must hold"), [Limit(200)])
    absent = StringField(noop("Words that it must not hold"), [Limit(200)])
    slow_ms = IntegerField(noop("Slow from … milliseconds on"), [Optional()])
    grace = IntegerField(noop("Grace of a heartbeat in seconds"), [Optional()])
    gateway = BooleanField(noop("Gateway: without it no function of this panel works"))
    publishes_itself = BooleanField(noop("An outage is published at once, without waiting for somebody to read it"))
    enabled = BooleanField(noop("This probe is on"), default=True)

    def wish(self) -> Wish:
        plain = ("name", "kind", "target", "interval", "timeout", "down_after", "up_after", *SWITCHES)
        expect = {one: self[one].data for one in EXTRAS if self[one].data not in (None, "")}
        return Wish(**{one: self[one].data for one in plain}, expect=expect)


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.probes", probes)
    app.add_url_rule(f"{LIST}new", "staff.new_probe", new_probe, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:probe_id>/", "staff.probe", probe)
    app.add_url_rule(f"{LIST}<int:probe_id>/edit", "staff.edit_probe", edit_probe, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:probe_id>/token", "staff.probe_token", new_token, methods=["POST"])


def received(found: Probe | None, **data: Any) -> ProbeForm:
    """The form, with the components to choose from."""
    form = ProbeForm.received(obj=found, **data)
    with reading() as session:
        form.component_id.choices = [SelectChoice(one.id, one.public_id) for one in all_components(session)]
    return form


def allowed() -> tuple[guard.Network, ...]:
    return guard.networks(site().settings.probe_allow_private)


def silent(one: Probe) -> bool:
    return is_silent(one.last_result_at, one.created_at, one.interval, clock.now())


@policy.needs("staff", Role.VIEWER)
def probes() -> Response:
    with reading() as session:
        return desk.page(
            "staff/probes.html", probes=queries.probes(session), kinds=KINDS, verdicts=VERDICTS, silent=silent
        )


@policy.needs("staff", Role.VIEWER)
def probe(probe_id: int) -> Response:
    with reading() as session:
        found = queries.probe(session, probe_id)
        results = queries.last_results(session, probe_id)
        return desk.page(
            "staff/probe.html", probe=found, results=results, kinds=KINDS, verdicts=VERDICTS, silent=silent
        )


@policy.needs("staff", Role.EDITOR)
def new_probe() -> AnyResponse:
    form = received(None)
    if form.accepted():
        with form.saving() as session:
            made = actions.create(session, form.component_id.data, form.wish(), allowed(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{made.id}/")
    return desk.page("staff/probe_form.html", form.status, form=form, probe=None)


@policy.needs("staff", Role.EDITOR)
def edit_probe(probe_id: int) -> AnyResponse:
    with reading() as session:
        found = queries.probe(session, probe_id)
        form = received(found, **{one: found.expect.get(one) for one in EXTRAS})
        public_id = found.component.public_id
    if form.accepted():
        with form.saving() as session:
            actions.edit(session, probe_id, form.wish(), allowed(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{probe_id}/")
    return desk.page("staff/probe_form.html", form.status, form=form, probe=public_id)


@policy.needs("staff", Role.EDITOR)
def new_token(probe_id: int) -> Response:
    Act.received().demand()
    with transaction(quiet=True) as session:
        token = actions.new_token(session, probe_id, desk.actor())
    return desk.page("staff/heartbeat.html", address=f"{site().settings.base_url}/api/v1/heartbeats/{token}")
