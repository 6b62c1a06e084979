"""Puts outages into words: a draft when one begins, and proposals when it is over."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor
from statuspage.db import touch
from statuspage.i18n import clock_time, noop, translate
from statuspage.incidents.actions import rows
from statuspage.incidents.actions.cases import draft
from statuspage.incidents.actions.drafts import save_draft
from statuspage.incidents.models import Incident
from statuspage.incidents.rules import Impact, Says, Stage, Word
from statuspage.panels.models import Component
from statuspage.panels.rules import Status
from statuspage.probing.models import Outage, OutageHit, Probe
from statuspage.texts.rules import prose, texts

PROBING = Actor("system:probing")
TITLE = noop("Problems on %(panel)s")
BODY = noop(
    "Since %(since)s our checks get no proper answer from %(panel)s: %(functions)s. "
    "We are looking for the cause and will say here what we find."
)
GATEWAY = noop(
    "Since %(since)s %(panel)s cannot be reached at all, so none of its functions works. "
    "We are looking for the cause and will say here what we find."
)
BACK = noop("Since %(until)s our checks get proper answers from %(panel)s again: %(functions)s. We keep watching.")
OVER = noop("%(panel)s works again. This outage lasted from %(since)s to %(until)s.")


@dataclass(frozen=True)
class Speech:
    """In which languages and whose time it is told."""

    locales: Sequence[str]
    zone: ZoneInfo


def begin(session: Session, outage: Outage, hits: Sequence[OutageHit], speech: Speech) -> Incident:
    """The draft about an outage; published at once where all the probes that found it are set to."""
    affected = _affected(session, outage, hits)
    source = speech.locales[0]
    words = {locale: _words(outage, list(affected), locale, speech.zone) for locale in speech.locales}
    body = GATEWAY if _gateways(hits) else BODY
    incident = draft(
        session,
        PROBING,
        outage,
        title=texts({locale: translate(locale, TITLE, **said) for locale, said in words.items()}, source),
        impact=_impact(affected),
        first=Word(
            Stage.INVESTIGATING,
            prose({locale: translate(locale, body, **said) for locale, said in words.items()}, source),
            tuple(Says(one.public_id, status) for one, status in affected.items()),
        ),
    )
    if _publishes_itself(hits) and incident.published_at is None:
        rows.publish(session, PROBING, incident, incident.updates[0], clock.now())
        touch(session)
    return incident


def end(session: Session, outage: Outage, speech: Speech) -> int:
    """Propose what to say now that an outage is over, beside whatever a person wrote. Returns how many drafts."""
    found = session.scalar(select(Incident).where(Incident.outage_id == outage.id))
    if found is None or found.status.is_over:
        return 0
    incident = rows.locked(session, found.public_id)
    untouched = len(incident.updates) == 1 and incident.updates[0].corrected_at is None
    says = tuple(Says(one.public_id, Status.OPERATIONAL) for one in _affected(session, outage, outage.hits))
    proposed = [(Stage.MONITORING, BACK)] if incident.status is not Stage.MONITORING else []
    for stage, body in [*proposed, (Stage.RESOLVED, OVER)]:
        update = save_draft(
            session, PROBING, incident.public_id, _last_word(session, outage, stage, body, says, speech)
        )
        if stage is Stage.MONITORING and untouched and incident.published_at and _publishes_itself(outage.hits):
            rows.publish(session, PROBING, incident, update, clock.now())
            touch(session)
    return len(proposed) + 1


def _last_word(
    session: Session, outage: Outage, stage: Stage, body: str, says: tuple[Says, ...], speech: Speech
) -> Word:
    components = list(_affected(session, outage, outage.hits))
    told = {one: translate(one, body, **_words(outage, components, one, speech.zone)) for one in speech.locales}
    return Word(stage, prose(told, speech.locales[0]), says)


def _affected(session: Session, outage: Outage, hits: Sequence[OutageHit]) -> dict[Component, Status]:
    """What is down: all of the panel behind a gateway; degraded where only a part of a component's probes fails."""
    if _gateways(hits):
        found = select(Component).where(Component.panel_id == outage.panel_id)
        behind = sorted(session.scalars(found), key=lambda one: one.function.position)
        return dict.fromkeys(behind, Status.MAJOR)
    down: dict[Component, set[int]] = {}
    for hit in sorted(hits, key=lambda hit: hit.probe.component.function.position):
        down.setdefault(hit.probe.component, set()).add(hit.probe_id)
    counted = select(Probe.component_id, func.count()).where(Probe.enabled).group_by(Probe.component_id)
    probes = {row[0]: row[1] for row in session.execute(counted)}
    return {
        component: Status.MAJOR if len(ids) >= probes.get(component.id, 0) else Status.DEGRADED
        for component, ids in down.items()
    }


def _gateways(hits: Sequence[OutageHit]) -> list[OutageHit]:
    return [hit for hit in hits if hit.probe.gateway]


def _publishes_itself(hits: Sequence[OutageHit]) -> bool:
    return all(hit.probe.publishes_itself for hit in _gateways(hits) or hits)


def _impact(affected: Mapping[Component, Status]) -> Impact:
    down = [one for one, status in affected.items() if status is Status.MAJOR]
    if not down:
        return Impact.MINOR
    return Impact.CRITICAL if any(one.function.key for one in down) else Impact.MAJOR


def _words(outage: Outage, components: Sequence[Component], locale: str, zone: ZoneInfo) -> dict[str, str]:
    return {
        "panel": outage.panel.name.read(locale).text,
        "functions": ", ".join(one.function.name.read(locale).text for one in components),
        "since": clock_time(locale, outage.started_at, zone),
        "until": clock_time(locale, outage.ended_at or clock.now(), zone),
    }
