"""The forms about an incident as a whole: its facts, its summary, its promise."""

from typing import Self

from flask import request
from sqlalchemy.orm import Session
from wtforms import SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from statuspage.i18n import noop
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident
from statuspage.incidents.rules import LONGEST_HANDOVER, Impact
from statuspage.staff import desk
from statuspage.staff.fields import ChoiceField, Limit, MomentField, Needed, ProseField, TextsField
from statuspage.staff.forms import OnceForm, StaffForm

IMPACTS = {
    Impact.NONE: noop("none"),
    Impact.MINOR: noop("minor"),
    Impact.MAJOR: noop("major"),
    Impact.CRITICAL: noop("critical"),
}


class CaseFields(StaffForm):
    """What an incident is called, how bad it is, when it began."""

    title = TextsField(noop("Title"))
    impact = ChoiceField(noop("Impact"), words=IMPACTS)
    started_at = MomentField(noop("Began at"), needed=True)
    relapse_of = SelectField(noop("Relapse of"), choices=[])


class CaseForm(CaseFields):
    """The facts of an incident, to be changed."""

    @classmethod
    def of(cls, session: Session, incident: Incident) -> Self:
        form = cls.received(incident)
        form.relapse_of.choices = relapse_choices(session, incident)
        if request.method != "POST":
            form.relapse_of.data = incident.relapse_of.public_id if incident.relapse_of else ""
        return form

    def send(self, session: Session, public_id: str) -> None:
        actions.edit(
            session,
            desk.actor(),
            public_id,
            title=self.title.written(),
            impact=self.impact.data,
            started_at=self.started_at.data,
            relapse_of=self.relapse_of.data or None,
            version=self.seen_version(),
        )


class SummaryForm(OnceForm):
    """The pinned summary, and the promise of the next update."""

    summary = ProseField(noop("Pinned summary: the state now"), needed=False, rows=10)

    def send(self, session: Session, public_id: str) -> None:
        new = self.summary.result() or self.summary.first()
        actions.pin(session, desk.actor(), public_id, new, version=self.seen_version())


class PromiseForm(StaffForm):
    """By when the next update comes."""

    next_update_by = MomentField(noop("Next update by"), description=noop("Empty: no promise."))

    def send(self, session: Session, public_id: str) -> None:
        actions.promise(session, desk.actor(), public_id, self.next_update_by.data, version=self.seen_version())


class HandoverForm(OnceForm):
    """What the next shift must know. It starts from the last note, as most of it still holds."""

    body = TextAreaField(
        noop("What the next shift must know"),
        [Needed(), Limit(LONGEST_HANDOVER)],
        description=noop("For staff alone: who was called, what is being tried, what to look at, what not to say yet."),
        render_kw={"rows": 10},
    )

    def send(self, session: Session, public_id: str) -> None:
        actions.hand_over(session, desk.actor(), public_id, self.body.data, form_key=self.form_key.data)


def relapse_choices(session: Session, incident: Incident | None = None) -> list[SelectChoice]:
    """The resolved incidents, newest first."""
    locale = desk.locale()
    over = [one for one in queries.latest(session) if one.status.is_over and one is not incident]
    return [
        SelectChoice("", desk.say(noop("none"))),
        *(SelectChoice(one.public_id, one.title.read(locale).text) for one in over),
    ]
