"""Planned work at the desk: announced, told, cancelled."""

from typing import Any, Self

from flask import Flask, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.maintenance import actions, queries
from statuspage.maintenance.actions import Window
from statuspage.maintenance.models import Maintenance
from statuspage.maintenance.queries import phase_now
from statuspage.maintenance.rules import Phase
from statuspage.panels.queries import all_components
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, ChoicesField, MomentField, Needed, ProseField, TextsField
from statuspage.staff.forms import Act, OnceForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy

LIST = "/staff/maintenance/"
PHASES = {
    Phase.SCHEDULED: noop("planned"),
    Phase.IN_PROGRESS: noop("under way"),
    Phase.VERIFYING: noop("done, being checked"),
    Phase.COMPLETED: noop("completed"),
}
CANCELLED = desk.notice("cancelled", noop("The work is cancelled and off the page."))


class WorkForm(OnceForm):
    """What is planned, when, and on what."""

    title = TextsField(noop("Title"))
    body = ProseField(noop("What happens, and what customers should do"))
    starts_at = MomentField(noop("Starts at"), needed=True)
    ends_at = MomentField(noop("Ends at"), needed=True)
    components = ChoicesField(noop("What the work touches"), [Needed()], words={})

    @classmethod
    def of(cls, session: Session, planned: Maintenance | None = None) -> Self:
        form = cls.received(planned)
        locale = desk.locale()
        form.components.offer(
            {
                one.public_id: f"{one.panel.name.read(locale).text}: {one.function.name.read(locale).text}"
                for one in all_components(session)
            }
        )
        if planned and request.method != "POST":
            form.components.data = [one.public_id for one in planned.components]
        return form

    def window(self) -> Window:
        return Window(self.starts_at.data, self.ends_at.data, tuple(self.components.data))

    def announce(self, session: Session) -> Maintenance:
        title, body = self.title.written(), self.body.result() or self.body.first()
        key, window = self.form_key.data, self.window()
        return actions.announce(session, desk.actor(), title=title, body=body, window=window, form_key=key)

    def send(self, session: Session, public_id: str) -> None:
        title, body, version = self.title.written(), self.body.result() or self.body.first(), self.seen_version()
        actions.edit(session, desk.actor(), public_id, title=title, body=body, window=self.window(), version=version)


class WorkUpdate(OnceForm):
    """How the work goes."""

    phase = ChoiceField(noop("Status"), words=PHASES)
    body = ProseField(noop("Update"))

    def send(self, session: Session, public_id: str) -> None:
        phase, body, key = self.phase.data, self.body.result() or self.body.first(), self.form_key.data
        actions.post_update(session, desk.actor(), public_id, phase=phase, body=body, form_key=key)


def register(app: Flask) -> None:
    both, one = ["GET", "POST"], f"{LIST}<public_id>/"
    app.add_url_rule(LIST, "staff.maintenance", maintenance)
    app.add_url_rule(f"{LIST}new", "staff.announce", announce, methods=both)
    app.add_url_rule(one, "staff.work", work)
    app.add_url_rule(f"{one}edit", "staff.edit_work", edit, methods=both)
    app.add_url_rule(f"{one}update", "staff.tell_work", tell, methods=both)
    app.add_url_rule(f"{one}cancel", "staff.cancel_work", cancel, methods=["POST"])
    app.add_url_rule(f"{one}put-back", "staff.put_work_back", put_back, methods=["POST"])


def words() -> dict[str, Any]:
    """What the templates need to say in which phase the work is."""
    return {"phases": PHASES, "phase_now": phase_now, "now": clock.now()}


@policy.needs("staff", Permission.READ)
def maintenance() -> Response:
    with reading() as session:
        return desk.page("staff/maintenance/list.html", planned=queries.latest(session), **words())


@policy.needs("staff", Permission.READ)
def work(public_id: str) -> Response:
    with reading() as session:
        return desk.page("staff/maintenance/work.html", work=queries.by_public_id(session, public_id), **words())


@policy.needs("staff", Permission.MAINTENANCE)
def announce() -> AnyResponse:
    with reading() as session:
        form = WorkForm.of(session)
    if form.accepted():
        with form.saving() as session:
            public_id = form.announce(session).public_id
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/maintenance/edit.html", form.status, form=form, work=None)


@policy.needs("staff", Permission.MAINTENANCE)
def edit(public_id: str) -> AnyResponse:
    with reading() as session:
        planned = queries.by_public_id(session, public_id)
        form = WorkForm.of(session, planned)
    if form.accepted():
        with form.saving() as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/maintenance/edit.html", form.status, form=form, work=planned)


@policy.needs("staff", Permission.MAINTENANCE)
def tell(public_id: str) -> AnyResponse:
    with reading() as session:
        planned = queries.by_public_id(session, public_id)
    form = WorkUpdate.received(phase=phase_now(planned, clock.now()))
    if form.accepted():
        with form.saving() as session:
            form.send(session, public_id)
        if form.saved:
            return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
    return desk.page("staff/maintenance/tell.html", form.status, form=form, work=planned)


@policy.needs("staff", Permission.MAINTENANCE)
def cancel(public_id: str) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.cancel(session, desk.actor(), public_id)
    return desk.done(f"{LIST}{public_id}/", CANCELLED)


@policy.needs("staff", Permission.MAINTENANCE)
def put_back(public_id: str) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.put_back(session, desk.actor(), public_id)
    return desk.done(f"{LIST}{public_id}/", desk.PUBLISHED)
