"""Where keep.js leaves what is being typed, and where it is thrown away."""

from uuid import UUID

from flask import Flask, Response, jsonify, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock, i18n
from statuspage.db import reading, transaction
from statuspage.i18n import noop
from statuspage.staff import desk, kept
from statuspage.staff.forms import Act, through_the_gate
from statuspage.staff.permissions import Permission
from statuspage.unsent import actions, queries
from statuspage.web import policy
from statuspage.web.site import site

# About the form and not of it.
OWN = frozenset({"csrf_token", "unsent-place", "unsent-title"})
KEPT = noop("Kept as you type, %(at)s. Nothing is published yet.")


def register(app: Flask) -> None:
    app.add_url_rule("/staff/unsent", "staff.keep", keep, methods=["GET", "POST"])
    app.add_url_rule("/staff/unsent/<uuid:uuid>/discard", "staff.throw_away", throw_away, methods=["POST"])


@policy.needs("staff", Permission.PREVIEW)
def keep() -> Response:
    """Keeps the fields of a form. Asked without any, says who is signed in and with which token to come."""
    if request.method == "GET":
        return jsonify(me=desk.me().staff_id, csrf_token=desk.csrf())
    Act.received().demand()
    sent, _ = through_the_gate(request.form)
    fields = [pair for pair in sent.items(multi=True) if pair[0] not in OWN]
    sheet = kept.sheet(sent.get("form_key", ""), sent.get("unsent-place", "-"))
    now, title = clock.now(), sent.get("unsent-title", "")
    with transaction(quiet=True) as session:
        is_new = actions.save(session, sheet, fields, now, title=title)
    at = i18n.clock_time(desk.locale(), now, site().settings.zone)
    return jsonify(words=desk.say(KEPT, at=at) if is_new else "")


@policy.needs("staff", Permission.PREVIEW)
def throw_away(uuid: UUID) -> AnyResponse:
    """Back to the form from which it was offered."""
    Act.received().demand()
    with reading() as session:
        found = queries.one(session, desk.me().staff_id, uuid)
    with transaction(quiet=True) as session:
        actions.throw_away(session, desk.me().staff_id, uuid)
    return redirect(found.place if found else "/staff/", 303)
