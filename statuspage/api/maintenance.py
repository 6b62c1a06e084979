"""Planned work by programs: announced, changed, told, cancelled; by the actions of the desk's forms."""

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.api import cursors
from statuspage.api.guard import actor
from statuspage.api.localised import changed
from statuspage.api.maintenance_shapes import (
    NewWorkShape,
    WorkAnswer,
    WorkChangeShape,
    WorkUpdateAnswer,
    WorkUpdateShape,
)
from statuspage.api.operation import Operation
from statuspage.api.shapes import VersionShape
from statuspage.api.writing import change, post, seen, shown
from statuspage.db import reading
from statuspage.maintenance import actions, queries
from statuspage.maintenance.actions import Window
from statuspage.maintenance.models import Maintenance
from statuspage.tokens.rules import Scope
from statuspage.web import policy

PATH = "/api/v1/maintenance"
ONE = f"{PATH}/{{maintenance}}"
WRITE = Scope.MAINTENANCE_WRITE
OPERATIONS = (
    Operation("get", PATH, "Planned work, the first announced first", WRITE, None, WorkAnswer, listed="maintenance"),
    Operation("post", PATH, "Announce planned work", WRITE, NewWorkShape, WorkAnswer, 201),
    Operation("get", ONE, "One piece of planned work with its updates", WRITE, None, WorkAnswer),
    Operation("patch", ONE, "Change what is planned", WRITE, WorkChangeShape, WorkAnswer),
    Operation("post", f"{ONE}/updates", "Say how the work goes", WRITE, WorkUpdateShape, WorkUpdateAnswer),
    Operation("post", f"{ONE}/cancel", "Cancel planned work", WRITE, VersionShape, WorkAnswer),
)


def register(app: Flask) -> None:
    one = f"{PATH}/<maintenance>"
    app.add_url_rule(PATH, "api.maintenance", get_all)
    app.add_url_rule(PATH, "api.announce", announce, methods=["POST"])
    app.add_url_rule(one, "api.work", get_one)
    app.add_url_rule(one, "api.edit_work", edit, methods=["PATCH"])
    app.add_url_rule(f"{one}/updates", "api.tell_work", tell, methods=["POST"])
    app.add_url_rule(f"{one}/cancel", "api.cancel_work", cancel, methods=["POST"])


@policy.needs("token", WRITE)
def get_all() -> Response:
    """All planned work, cancelled work too."""
    now = clock.now()
    with reading() as session:
        return cursors.answers(
            "maintenance",
            lambda after, limit: queries.after(session, after, limit),
            lambda one: WorkAnswer.of(one, now),
        )


@policy.needs("token", WRITE)
def announce() -> Response:
    """Announce work that readers see from now on; it starts and ends by itself."""

    def work(session: Session, sent: NewWorkShape) -> WorkAnswer:
        title, body = sent.title.texts("/title"), sent.body.prose("/body")
        window = Window(sent.starts_at, sent.ends_at, tuple(sent.components))
        return _told(session, actions.announce(session, actor(), title=title, body=body, window=window))

    return post(NewWorkShape, work, 201)


@policy.needs("token", WRITE)
def get_one(maintenance: str) -> Response:
    """One piece of planned work."""
    with reading() as session:
        return shown(WorkAnswer.of(queries.by_public_id(session, maintenance), clock.now()))


@policy.needs("token", WRITE)
def edit(maintenance: str) -> Response:
    """Change what is planned, when, and on what."""

    def work(session: Session, sent: WorkChangeShape) -> WorkAnswer:
        found = _seen(session, maintenance, sent.version)
        components = [one.public_id for one in found.components] if sent.components is None else sent.components
        window = Window(sent.starts_at or found.starts_at, sent.ends_at or found.ends_at, tuple(components))
        title, body = changed("/title", found.title, sent.title), changed("/body", found.body, sent.body)
        who, version = actor(), found.version
        actions.edit(session, who, maintenance, title=title, body=body, window=window, version=version)
        return _told(session, found)

    return change(WorkChangeShape, work)


@policy.needs("token", WRITE)
def tell(maintenance: str) -> Response:
    """Say how the work goes: it goes on, never back."""

    def work(session: Session, sent: WorkUpdateShape) -> WorkUpdateAnswer:
        _seen(session, maintenance, sent.version)
        body = sent.body.prose("/body")
        return WorkUpdateAnswer.of(actions.post_update(session, actor(), maintenance, phase=sent.phase, body=body))

    return post(WorkUpdateShape, work)


@policy.needs("token", WRITE)
def cancel(maintenance: str) -> Response:
    """Take planned work off the page; cancelled twice is cancelled once."""

    def work(session: Session, sent: VersionShape) -> WorkAnswer:
        _seen(session, maintenance, sent.version)
        return _told(session, actions.cancel(session, actor(), maintenance))

    return post(VersionShape, work)


def _seen(session: Session, public_id: str, version: int | None) -> Maintenance:
    """The work, as the caller has seen it if they say what they have seen."""
    found = queries.by_public_id(session, public_id)
    seen(WorkAnswer.of(found, clock.now()), found.version, version)
    return found


def _told(session: Session, planned: Maintenance) -> WorkAnswer:
    session.flush()  # counts the version up
    return WorkAnswer.of(planned, clock.now())
