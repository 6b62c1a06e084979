"""Probes at the desk: list, make, change, last results, and the address of a heartbeat."""

from functools import partial
from typing import Any

from flask import Flask, Response, stream_with_context
from werkzeug.wrappers import Response as AnyResponse
from wtforms.fields.choices import SelectChoice

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.downloads import Format
from statuspage.i18n import noop
from statuspage.panels.queries import all_components
from statuspage.probing import actions, guard, queries, reasons
from statuspage.probing.exports import lines
from statuspage.probing.kinds import KINDS
from statuspage.probing.models import Probe
from statuspage.probing.rules import Verdict, is_silent
from statuspage.staff import desk
from statuspage.staff.forms import Act
from statuspage.staff.permissions import Permission
from statuspage.staff.probe_forms import KIND_WORDS, ProbeForm
from statuspage.web import policy
from statuspage.web.site import site

LIST = "/staff/probes/"
VERDICTS = {
    Verdict.UP: noop("up"),
    Verdict.DEGRADED: noop("works, but not well"),
    Verdict.DOWN: noop("down"),
    Verdict.UNKNOWN: noop("not known yet"),
}
PHASES = {
    "dns": noop("name"),
    "connect": noop("connection"),
    "tls": noop("encryption"),
    "first_byte": noop("first byte"),
}


def register(app: Flask) -> None:
    app.add_url_rule(LIST, "staff.probes", probes)
    app.add_url_rule(f"{LIST}new", "staff.new_probe", new_probe, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}<int:probe_id>/", "staff.probe", probe)
    app.add_url_rule(f"{LIST}<int:probe_id>/edit", "staff.edit_probe", edit_probe, methods=["GET", "POST"])
    for form in Format:
        address = f"{LIST}<int:probe_id>/results.{form}"
        app.add_url_rule(address, f"staff.results_{form}", results, defaults={"form": form})
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


def page(template: str, **values: Any) -> Response:
    """A page that shows probes in words."""
    reason = partial(reasons.read, desk.locale())
    return desk.page(template, kinds=KIND_WORDS, verdicts=VERDICTS, silent=silent, reason=reason, **values)


@policy.needs("staff", Permission.READ)
def probes() -> Response:
    with reading() as session:
        return page("staff/probes.html", probes=queries.probes(session))


@policy.needs("staff", Permission.READ)
def probe(probe_id: int) -> Response:
    with reading() as session:
        found = queries.probe(session, probe_id)
        results = queries.last_results(session, probe_id)
        return page("staff/probe.html", probe=found, results=results, phases=PHASES)


@policy.needs("staff", Permission.READ)
def results(probe_id: int, form: Format) -> Response:
    with reading() as session:
        queries.probe(session, probe_id)
    named = {"Content-Disposition": f'attachment; filename="probe-{probe_id}.{form}"'}
    return Response(stream_with_context(lines(probe_id, form)), mimetype=form.media_type, headers=named)


@policy.needs("staff", Permission.PROBES)
def new_probe() -> AnyResponse:
    form = received(None)
    if form.accepted():
        with form.saving() as session:
            made = actions.create(session, form.component_id.data, form.wish(), allowed(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{made.id}/")
    return desk.page("staff/probe_form.html", form.status, form=form, probe=None)


@policy.needs("staff", Permission.PROBES)
def edit_probe(probe_id: int) -> AnyResponse:
    with reading() as session:
        found = queries.probe(session, probe_id)
        form = received(found, **{one: found.expect[one] for one in KINDS[found.kind].SETTINGS if one in found.expect})
        public_id = found.component.public_id
    if form.accepted():
        with form.saving() as session:
            actions.edit(session, probe_id, form.wish(), allowed(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{probe_id}/")
    return desk.page("staff/probe_form.html", form.status, form=form, probe=public_id)


@policy.needs("staff", Permission.PROBES)
def new_token(probe_id: int) -> Response:
    Act.received().demand()
    with transaction(quiet=True) as session:
        token = actions.new_token(session, probe_id, desk.actor())
    return desk.page("staff/heartbeat.html", address=f"{site().settings.base_url}/api/v1/heartbeats/{token}")
