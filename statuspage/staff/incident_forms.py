"""The forms about updates: what they hold, and the actions they come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self
from uuid import UUID

from flask import request
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField

from statuspage import clock
from statuspage.estimates import actions as estimates
from statuspage.estimates.rules import Subject
from statuspage.i18n import noop
from statuspage.incidents import actions, queries
from statuspage.incidents.models import Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Stage, Word
from statuspage.staff import desk
from statuspage.staff.affected import AffectedField, rows_for
from statuspage.staff.case_forms import CaseFields, relapse_choices
from statuspage.staff.fields import ChoiceField, MomentField, ProseField
from statuspage.staff.forms import OnceForm
from statuspage.staff.promised import Promised
from statuspage.staff.subjects import subject_choices
from statuspage.staff.templates import BLANK, chosen
from statuspage.texts.rules import texts
from statuspage.uptime.actions import retell
from statuspage.web.site import site

STAGES = {
    Stage.INVESTIGATING: noop("investigating: we do not know the cause yet"),
    Stage.IDENTIFIED: noop("identified: we know the cause and work on it"),
    Stage.MONITORING: noop("monitoring: it is mended, we keep watching"),
    Stage.RESOLVED: noop("resolved: all works as before"),
    Stage.POSTMORTEM: noop("post-mortem: what happened and what changes"),
}
POSTED = desk.notice("posted", noop("Published: the page shows it now."))
DRAFTED = desk.notice("drafted", noop("Kept as a draft. Nobody outside sees it."))
SCHEDULED = desk.notice("scheduled", noop("It goes out by itself at the chosen time."))
NO_PROMISE_IN_DRAFT = noop("An estimate counts at once: publish, or leave it empty in a draft.")
FILL_BLANKS = noop("The template's blanks are still in the text: put words in place of the braces.")
NOT_BOTH = noop("Choose one: backdate it, or have it go out later.")
PUBLISH, DRAFT = "publish", "draft"
NAMELESS = "…"


@dataclass(frozen=True)
class Present:
    """What a new update starts from."""

    version: int
    stage: Stage
    seen: str


class UpdateFields(Promised):
    """What every composer has: the words, what they say of components, what they promise."""

    # Not `status`: that is the form's own, of HTTP.
    stage = ChoiceField(noop("Status"), words=STAGES)
    body = ProseField(noop("Update"), rows=10)
    components = AffectedField(noop("What works and what does not"))
    next_update_by = MomentField(noop("Next update by"))
    publish_at = MomentField(noop("Publish later, at"))
    about = SelectField(noop("New estimate for"), choices=[], default="")
    outcome = POSTED

    def accepted(self) -> bool:
        """Whether it is to be saved; who opens a panel of a large site is still writing."""
        return not self.components.asked and super().accepted()

    @property
    def sends(self) -> str:
        """Which button was pressed."""
        return DRAFT if request.form.get("act") == DRAFT or self.publish_at.data else PUBLISH

    @property
    def goes_out(self) -> bool:
        """Whether readers get it, now or later, without another look at it."""
        return self.sends == PUBLISH or self.publish_at.data is not None

    def promises(self) -> bool:
        return bool(self.about.data)

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if right and self.promises() and self.sends == DRAFT:
            self._wrong("about", NO_PROMISE_IN_DRAFT)
        if right and self.goes_out and any(BLANK.search(words) for words in self.body.data.values()):
            self._wrong("body", FILL_BLANKS)
        return right and not any(field.errors for field in self)

    def word(self) -> Word:
        return Word(
            self.stage.data,
            self.body.result() or self.body.first(),
            self.components.says(),
            self.next_update_by.data,
        )

    def usable(self) -> Word | None:
        """As much of it as is right already; None while there are no words to be shown."""
        words = self.body.data.values()
        if not any(words) or any(self.body.length(one) > self.body.limit for one in words):
            return None
        return Word(
            self.stage.data or Stage.INVESTIGATING,
            self.body.result() or self.body.first(),
            () if self.components.errors else self.components.says(),
            None if self.next_update_by.errors else self.next_update_by.data,
        )

    def keep_promise(self, session: Session) -> None:
        """Record the estimate that came with the update, if one did."""
        if self.promises():
            kind, public_id = self.promised()
            subject = queries.known(session, kind, public_id)
            estimates.record(session, desk.actor(), subject, self.said(), zone=site().settings.zone)

    def promised(self) -> tuple[Subject, str]:
        """What the estimate is about."""
        kind, _, public_id = self.about.data.partition(":")
        return Subject(kind), public_id


class Composer(UpdateFields):
    """One screen to say how an incident stands."""

    told_at = MomentField(noop("Backdate: it was known at"))
    # The newest update when the form was opened: what is told after it, its writer has not read.
    seen = HiddenField()
    meanwhile: Sequence[IncidentUpdate] = ()

    @classmethod
    def on(cls, session: Session, incident: Incident) -> Self:
        start, told = chosen(), [one for one in incident.updates if one.published_at]
        newest = str(told[-1].uuid) if told else ""
        present = Present(incident.version, start.stage if start else incident.status, newest)
        rows = rows_for(session, queries.said_last(session, incident))
        form = cls.received(present, components=rows, body=start.body if start else None)
        form.about.choices = subject_choices(session, incident, blank=True)
        known = [str(one.uuid) for one in told]
        form.meanwhile = told[known.index(form.seen.data) + 1 :] if form.seen.data in known else told
        return form

    def validate(self, extra_validators: Any = None) -> bool:
        right = super().validate(extra_validators)
        if right and self.told_at.data and self.sends == DRAFT:
            self._wrong("told_at", NOT_BOTH)
            return False
        return right

    def send(self, session: Session, public_id: str) -> None:
        actor, key = desk.actor(), self.form_key.data
        if self.sends == DRAFT:
            at = self.publish_at.data
            actions.save_draft(session, actor, public_id, self.word(), publish_at=at, form_key=key)
            self.outcome = SCHEDULED if at else DRAFTED
            return
        if self.told_at.data:
            late = actions.backfill(session, actor, public_id, self.word(), self.told_at.data, form_key=key)
            retell(session, late, clock.now(), site().settings.zone)
        else:
            version = self.seen_version()
            actions.post_update(session, actor, public_id, self.word(), form_key=key, version=version)
        self.keep_promise(session)

    def rehearse(self, session: Session, public_id: str, word: Word) -> IncidentUpdate:
        """Publish what is there so far, in a transaction that is undone."""
        if self.told_at.data:
            return actions.backfill(session, desk.actor(), public_id, word, self.told_at.data)
        return actions.post_update(session, desk.actor(), public_id, word)


class DraftForm(UpdateFields):
    """A draft, to be rewritten or published."""

    @classmethod
    def of(cls, session: Session, update: IncidentUpdate) -> Self:
        said = queries.said_last(session, update.incident)
        own = {one.component.public_id: (one.status, one.note) for one in update.affected}
        form = cls.received(update, stage=update.status, components=rows_for(session, said, own))
        form.about.choices = subject_choices(session, update.incident, blank=True)
        return form

    def send(self, session: Session, uuid: UUID) -> None:
        actor, version = desk.actor(), self.seen_version()
        if self.sends == DRAFT:
            at = self.publish_at.data
            actions.edit_draft(session, actor, uuid, self.word(), publish_at=at, version=version)
            self.outcome = SCHEDULED if at else DRAFTED
            return
        actions.publish_draft(session, actor, uuid, word=self.word(), version=version)
        self.keep_promise(session)

    def rehearse(self, session: Session, uuid: UUID, word: Word) -> IncidentUpdate:
        """Publish what is there so far, in a transaction that is undone."""
        return actions.publish_draft(session, desk.actor(), uuid, word=word)


class NewIncident(CaseFields, UpdateFields):
    """An incident with its first update."""

    @classmethod
    def blank(cls, session: Session) -> Self:
        now = clock.now().replace(second=0, microsecond=0)
        start = chosen()
        form = cls.received(start, components=rows_for(session, {}), started_at=now)
        form.relapse_of.choices = relapse_choices(session)
        form.about.choices = subject_choices(session, None, blank=True)
        return form

    def send(self, session: Session) -> Incident:
        incident = actions.create(
            session,
            desk.actor(),
            title=self.title.written(),
            impact=self.impact.data,
            started_at=self.started_at.data,
            first=self.word(),
            publish=self.sends == PUBLISH,
            relapse_of=self.relapse_of.data or None,
            form_key=self.form_key.data,
        )
        if self.sends == PUBLISH:
            self.keep_promise(session)
        else:
            self.outcome = DRAFTED
        return incident

    def rehearse(self, session: Session, word: Word) -> IncidentUpdate:
        """Open it with what is there so far, in a transaction that is undone."""
        incident = actions.create(
            session,
            desk.actor(),
            title=self.title.result() or texts({word.body.source: NAMELESS}, word.body.source),
            impact=self.impact.data or Impact.MINOR,
            started_at=self.started_at.data or clock.now(),
            first=word,
            publish=True,
        )
        return incident.updates[-1]


class Correction(OnceForm):
    """Other words for a published update."""

    body = ProseField(noop("Update"), rows=12)

    def send(self, session: Session, uuid: UUID) -> None:
        actions.correct(
            session, desk.actor(), uuid, self.body.result() or self.body.first(), version=self.seen_version()
        )
