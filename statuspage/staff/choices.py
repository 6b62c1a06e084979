"""What customers have to choose, at the desk: asked, changed, and marked as carried out."""

from typing import Any

from flask import Flask, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from statuspage import clock
from statuspage.audit.queries import about
from statuspage.db import reading
from statuspage.errors import existing
from statuspage.i18n import noop
from statuspage.panels.queries import panel_at
from statuspage.recovery.actions import offering
from statuspage.recovery.models import Choice
from statuspage.recovery.queries import choices as queries
from statuspage.recovery.queries.choices import ChoiceFilter
from statuspage.recovery.rules.choices import QUESTIONS, ChoiceAct, ChoiceKind, holds
from statuspage.staff import desk
from statuspage.staff.choice_forms import CarriedForm, TermsForm
from statuspage.staff.permissions import Permission
from statuspage.staff.recovery import people_of
from statuspage.web import policy
from statuspage.web.gate import clean

LIST = "/staff/recovery/choices/"
SHOWN = 100
KIND = ChoiceKind.WAREHOUSE
CHANGED = desk.notice("choice-changed", noop("Saved: the customer sees it on their page at once."))
CARRIED = desk.notice("choice-carried-out", noop("Marked as carried out."))
OFFERED = desk.notice("choices-offered", noop("Asked. If accounts are left that were not asked, ask once more."))
STATES = {
    ChoiceFilter.OPEN: noop("not chosen yet"),
    ChoiceFilter.SETTLED: noop("to be carried out"),
    ChoiceFilter.CARRIED_OUT: noop("carried out"),
}
ACTS = {
    ChoiceAct.OPENED: noop("asked"),
    ChoiceAct.CHANGED: noop("options, default or deadline changed"),
    ChoiceAct.CHOSEN: noop("chosen by the customer"),
    ChoiceAct.CARRIED_OUT: noop("carried out"),
}


def register(app: Flask) -> None:
    both = ["GET", "POST"]
    app.add_url_rule(LIST, "staff.choices", overview)
    app.add_url_rule(f"{LIST}offer/<slug>/", "staff.offer_choices", offer, methods=both)
    app.add_url_rule(f"{LIST}<name>/", "staff.choice", one, methods=both)
    app.add_url_rule(f"{LIST}<name>/carried-out", "staff.carry_out", carried_out, methods=["POST"])


@policy.needs("staff", Permission.READ)
def overview() -> Response:
    """How many customers of which panel have chosen, and the choices of one state."""
    asked = {name: clean(request.args.get(name, ""))[:64] for name in ("panel", "state")}
    wanted = ChoiceFilter(asked["state"]) if asked["state"] in STATES else None
    after, now = request.args.get("after", 0, type=int), clock.now()
    with reading() as session:
        found = queries.choices_after(session, wanted, after, SHOWN, now, asked["panel"] or None)
        counts = queries.counts(session, KIND, now)
        more = found[-1].id if len(found) == SHOWN else None
        frame: dict[str, Any] = {"found": found, "counts": counts, "asked": asked, "more": more}
        return desk.page("staff/choices.html", states=STATES, state_of=state_of, held=held, options=options(), **frame)


@policy.needs("staff", Permission.RECOVERY)
def offer(slug: str) -> AnyResponse:
    """Ask all accounts of a panel that wait for the choice, some hundred at a time."""
    form = TermsForm.received(options=list(options()))
    if form.accepted():
        with form.saving(quiet=True) as session:
            offering.offer(session, panel_at(session, slug), KIND, form.terms(), clock.now(), desk.actor())
        if form.saved:
            return desk.done(LIST, OFFERED)
    with reading() as session:
        panel = panel_at(session, slug)
        left = queries.count_unasked(session, panel.id, KIND)
        most = offering.MOST_AT_ONCE
        return desk.page("staff/choice_offer.html", form.status, form=form, panel=panel, left=left, most=most)


@policy.needs("staff", Permission.RECOVERY)
def one(name: str) -> AnyResponse:
    """One choice with its history; other options, default or deadline."""
    form = TermsForm.received()
    if form.accepted():
        with form.saving(quiet=True) as session:
            offering.change(session, name, form.terms(), clock.now(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{name}/", CHANGED)
    with reading() as session:
        found = named(session, name)
        if request.method == "GET":
            form = TermsForm.showing(options=found.options, default=found.default, deadline=found.deadline)
        return page(session, found, form, CarriedForm.showing(option=held(found)), form.status)


@policy.needs("staff", Permission.RECOVERY)
def carried_out(name: str) -> AnyResponse:
    """Mark an option as carried out."""
    form = CarriedForm.received()
    if form.accepted():
        with form.saving(quiet=True) as session:
            offering.acknowledge(session, name, form.option.data, clock.now(), desk.actor())
        if form.saved:
            return desk.done(f"{LIST}{name}/", CARRIED)
    with reading() as session:
        found = named(session, name)
        terms = TermsForm.showing(options=found.options, default=found.default, deadline=found.deadline)
        return page(session, found, terms, form, form.status)


def named(session: Session, name: str) -> Choice:
    return existing(queries.choice_named(session, name), offering.NO_SUCH_CHOICE)


def page(session: Session, found: Choice, terms: TermsForm, carried: CarriedForm, status: int) -> Response:
    # What the customer did stands among the steps.
    acts = [act for act in about(session, f"choice:{found.public_id}") if act.action != "choice.choose"]
    frame: dict[str, Any] = {"one": found, "terms": terms, "carried": carried, "states": STATES, "words": ACTS}
    people = people_of(session, {act.actor for act in acts})
    shown = {"state": state_of(found), "held": held(found), "options": options(), "acts": acts, "people": people}
    return desk.page("staff/choice.html", status, **frame, **shown)


def options() -> dict[str, str]:
    """The names of the options."""
    return {name: option.name for name, option in QUESTIONS[KIND].options.items()}


def held(one: Choice) -> str | None:
    """What was carried out or is to be; None while there is time to choose."""
    return one.carried_out or holds(one.chosen, one.default, one.deadline, clock.now())


def state_of(one: Choice) -> ChoiceFilter:
    if one.carried_at is not None:
        return ChoiceFilter.CARRIED_OUT
    return ChoiceFilter.SETTLED if held(one) else ChoiceFilter.OPEN
