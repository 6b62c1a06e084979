"""The shapes of incidents and their updates: what is sent, and what is answered."""

from typing import Annotated, Any, Self

from pydantic import Field

from statuspage import paths
from statuspage.api.answers import Answer, Named, NamedByUuid, Utc, Version, WordsAnswer, columns, public_url
from statuspage.api.localised import ProseShape, TitleShape
from statuspage.api.shapes import MOST_COMPONENTS, ComponentId, IncidentId, VersionShape
from statuspage.incidents.models import Affected, Incident, IncidentUpdate
from statuspage.incidents.rules import Impact, Says, Stage, Word
from statuspage.panels.rules import Status
from statuspage.shapes import Moment, Shape

StageWord = Annotated[Stage, Field(strict=False)]
ImpactWord = Annotated[Impact, Field(strict=False)]


class SaysShape(Shape):
    """What an update says of one component: its state, and a note beside it."""

    status: Annotated[Status, Field(strict=False)]
    note: TitleShape | None = None


Components = Annotated[dict[ComponentId, SaysShape], Field(max_length=MOST_COMPONENTS)]


def says(components: dict[str, SaysShape]) -> tuple[Says, ...]:
    """What an update says of components."""
    return tuple(
        Says(name, one.status, one.note.texts(f"/components/{name}/note") if one.note else None)
        for name, one in components.items()
    )


class NewIncidentShape(Shape):
    """An incident with its first update. A `draft` needs no update, and nobody outside sees it."""

    title: TitleShape
    impact: ImpactWord
    started_at: Moment | None = None
    relapse_of: IncidentId | None = None
    summary: ProseShape | None = None
    status: StageWord = Stage.INVESTIGATING
    body: ProseShape | None = None
    components: Components = Field(default_factory=dict)
    next_update_by: Moment | None = None
    draft: bool = False

    @property
    def first(self) -> Word | None:
        """The update it begins with."""
        if self.body is None:
            return None
        return Word(self.status, self.body.prose("/body"), says(self.components), self.next_update_by)


class IncidentChangeShape(VersionShape):
    """What changes of an incident. What is left out stays; `relapse_of` as null takes that away."""

    title: TitleShape | None = None
    impact: ImpactWord | None = None
    started_at: Moment | None = None
    relapse_of: IncidentId | None = None


class SummaryShape(VersionShape):
    """The pinned summary; null takes it down."""

    summary: ProseShape | None


class PromiseShape(VersionShape):
    """By when the next update comes; null takes the promise back."""

    next_update_by: Moment | None


class NewUpdateShape(VersionShape):
    """An update, published at once, unless it is a `draft`, goes out later (`publish_at`), or tells late what was known
    at `published_at`, which notifies nobody. `components` are those whose state it changes, by their ids.
    """

    status: StageWord
    body: ProseShape
    components: Components = Field(default_factory=dict)
    next_update_by: Moment | None = None
    draft: bool = False
    publish_at: Moment | None = None
    published_at: Moment | None = None

    @property
    def word(self) -> Word:
        return Word(self.status, self.body.prose("/body"), says(self.components), self.next_update_by)


class UpdateChangeShape(VersionShape):
    """New words for an update. Of a published one only `body` can be corrected; null takes a time away."""

    status: StageWord | None = None
    body: ProseShape | None = None
    components: Components | None = None
    next_update_by: Moment | None = None
    publish_at: Moment | None = None


class SaysAnswer(Answer):
    """What an update says of one component."""

    status: Status
    note: WordsAnswer | None

    @classmethod
    def of(cls, said: Affected) -> Self:
        return cls(status=said.status, note=WordsAnswer.of_any(said.note))


class UpdateAnswer(NamedByUuid):
    """An update. Published ones count 1, 2, 3 …; a draft has no `sequence`."""

    incident: str
    sequence: int | None
    status: Stage
    body: WordsAnswer
    components: dict[str, SaysAnswer]
    next_update_by: Utc | None
    publish_at: Utc | None
    published_at: Utc | None
    corrected_at: Utc | None
    backfilled: bool
    version: Version

    @classmethod
    def of(cls, update: IncidentUpdate) -> Self:
        return cls(
            id=update.uuid,
            incident=update.incident.public_id,
            sequence=update.sequence if update.published_at else None,
            body=WordsAnswer.of(update.body),
            components={one.component.public_id: SaysAnswer.of(one) for one in update.affected},
            **columns(update, "status", "next_update_by", "publish_at", "published_at", "corrected_at"),
            **columns(update, "backfilled", "version"),
        )


class IncidentLine(Named):
    """An incident in a list; without `published_at` it is a draft."""

    title: WordsAnswer
    impact: Impact
    status: Stage
    started_at: Utc
    resolved_at: Utc | None
    published_at: Utc | None
    next_update_by: Utc | None
    relapse_of: str | None
    url: str | None
    version: Version

    @classmethod
    def of(cls, incident: Incident) -> Self:
        return cls(**_facts(incident))


class IncidentAnswer(IncidentLine):
    """An incident with its pinned summary and all its updates, drafts first."""

    summary: WordsAnswer | None
    summary_at: Utc | None
    updates: list[UpdateAnswer]

    @classmethod
    def of(cls, incident: Incident) -> Self:
        return cls(
            summary=WordsAnswer.of_any(incident.summary),
            summary_at=incident.summary_at,
            updates=[UpdateAnswer.of(one) for one in sorted(incident.updates, key=lambda one: one.sequence)],
            **_facts(incident),
        )


def _facts(incident: Incident) -> dict[str, Any]:
    public_id, relapse_of = incident.public_id, incident.relapse_of
    return {
        "id": public_id,
        "title": WordsAnswer.of(incident.title),
        "relapse_of": relapse_of.public_id if relapse_of else None,
        "url": public_url(paths.PATTERNS["incident"].format(public_id)) if incident.published_at else None,
        **columns(incident, "impact", "status", "started_at", "resolved_at", "published_at", "next_update_by"),
        **columns(incident, "version"),
    }
