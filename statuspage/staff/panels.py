"""Panels, functions and components at the desk."""

from flask import Flask, Response
from werkzeug.wrappers import Response as AnyResponse

from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.panels import actions, queries
from statuspage.staff import desk
from statuspage.staff.forms import Act
from statuspage.staff.panel_forms import FunctionForm, MissingForm, NewPanel, NoteForm, OverrideForm, PanelForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy

LIST = "/staff/panels/"
PANEL = f"{LIST}<slug>/"
COMPONENT = f"{PANEL}<function>/"
GAP_CLOSED = desk.notice("gap-closed", noop("Published: what was missing has been caught up."))
RELEASED = desk.notice("released", noop("Published: the status follows its sources again."))


def register(app: Flask) -> None:
    both = ["GET", "POST"]
    app.add_url_rule(LIST, "staff.panels", panels)
    app.add_url_rule(f"{LIST}new", "staff.new_panel", new_panel, methods=both)
    app.add_url_rule(f"{LIST}functions/new", "staff.new_function", new_function, methods=both)
    app.add_url_rule(PANEL, "staff.panel", panel)
    app.add_url_rule(f"{PANEL}edit", "staff.edit_panel", edit_panel, methods=both)
    app.add_url_rule(f"{PANEL}missing", "staff.missing", missing, methods=both)
    app.add_url_rule(f"{PANEL}close-gap", "staff.close_gap", close_gap, methods=["POST"])
    app.add_url_rule(f"{COMPONENT}override", "staff.override", override, methods=both)
    app.add_url_rule(f"{COMPONENT}release", "staff.release", release, methods=["POST"])
    app.add_url_rule(f"{COMPONENT}note", "staff.note", note, methods=both)


@policy.needs("staff", Permission.READ)
def panels() -> Response:
    with reading() as session:
        found, functions = queries.panels(session), queries.functions(session)
    return desk.page("staff/panels.html", panels=found, functions=functions)


@policy.needs("staff", Permission.READ)
def panel(slug: str) -> Response:
    with reading() as session:
        found = queries.panel_at(session, slug)
        components = queries.components_of(session, slug)
    return desk.page("staff/panel.html", panel=found, components=components)


@policy.needs("staff", Permission.PANELS)
def new_panel() -> AnyResponse:
    form = NewPanel.received()
    if form.accepted():
        with form.saving() as session:
            actions.create(session, form.slug.data, form.about(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{form.slug.data}/", desk.PUBLISHED)
    return desk.page("staff/panel_form.html", form.status, form=form, panel=None)


@policy.needs("staff", Permission.PANELS)
def edit_panel(slug: str) -> AnyResponse:
    with reading() as session:
        found = queries.panel_at(session, slug)
    form = PanelForm.received(obj=found)
    if form.accepted():
        with form.saving() as session:
            actions.edit(session, slug, form.seen_version(), form.about(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{slug}/", desk.PUBLISHED)
    return desk.page("staff/panel_form.html", form.status, form=form, panel=found)


@policy.needs("staff", Permission.PANELS)
def missing(slug: str) -> AnyResponse:
    with reading() as session:
        found = queries.panel_at(session, slug)
    form = MissingForm.received(obj=found)
    if form.accepted():
        with form.saving() as session:
            actions.set_missing(session, slug, form.seen_version(), form.missing(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{slug}/", desk.PUBLISHED)
    return desk.page("staff/missing.html", form.status, form=form, panel=found)


@policy.needs("staff", Permission.PANELS)
def close_gap(slug: str) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.close_gap(session, slug, desk.actor())
    return desk.done(f"{LIST}{slug}/", GAP_CLOSED)


@policy.needs("staff", Permission.PANELS)
def new_function() -> AnyResponse:
    form = FunctionForm.received()
    if form.accepted():
        with form.saving() as session:
            given = form.slug.data, form.name.written(), form.position.data, desk.actor()
            actions.add_function(session, *given, key=form.key.data)
        if form.saved:
            return desk.done(LIST, desk.PUBLISHED)
    return desk.page("staff/function_form.html", form.status, form=form)


@policy.needs("staff", Permission.PANELS)
def override(slug: str, function: str) -> AnyResponse:
    with reading() as session:
        found = queries.component_at(session, f"{slug}.{function}")
    form = OverrideForm.received(shown=found.override, reason=found.override_reason)
    if form.accepted():
        with form.saving() as session:
            actions.override(session, found.public_id, form.shown.data, form.reason.data, desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{slug}/", desk.PUBLISHED)
    return desk.page("staff/override.html", form.status, form=form, component=found)


@policy.needs("staff", Permission.PANELS)
def release(slug: str, function: str) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.release(session, f"{slug}.{function}", desk.actor())
    return desk.done(f"{LIST}{slug}/", RELEASED)


@policy.needs("staff", Permission.PANELS)
def note(slug: str, function: str) -> AnyResponse:
    with reading() as session:
        found = queries.component_at(session, f"{slug}.{function}")
    form = NoteForm.received(obj=found)
    if form.accepted():
        with form.saving() as session:
            actions.set_note(session, found.public_id, form.note.result(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{slug}/", desk.PUBLISHED)
    return desk.page("staff/note.html", form.status, form=form, component=found)
