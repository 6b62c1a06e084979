"""The shapes of planned work: what is sent, and what is answered."""

from datetime import datetime
from typing import Annotated, Self

from pydantic import Field

from statuspage import paths
from statuspage.api.answers import Named, NamedByUuid, Utc, Version, WordsAnswer, columns, public_url
from statuspage.api.localised import ProseShape, TitleShape
from statuspage.api.shapes import MOST_COMPONENTS, ComponentId, VersionShape
from statuspage.maintenance.models import Maintenance, MaintenanceUpdate
from statuspage.maintenance.queries import phase_now
from statuspage.maintenance.rules import Phase
from statuspage.shapes import Moment, Shape

Touched = Annotated[list[ComponentId], Field(max_length=MOST_COMPONENTS)]


class NewWorkShape(Shape):
    """What is planned, when, and on which components."""

    title: TitleShape
    body: ProseShape
    starts_at: Moment
    ends_at: Moment
    components: Touched


class WorkChangeShape(VersionShape):
    """What changes of planned work. What is left out stays."""

    title: TitleShape | None = None
    body: ProseShape | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    components: Touched | None = None


class WorkUpdateShape(VersionShape):
    """How the work goes."""

    phase: Annotated[Phase, Field(strict=False)]
    body: ProseShape


class WorkUpdateAnswer(NamedByUuid):
    """What was said of planned work."""

    sequence: int
    phase: Phase
    body: WordsAnswer
    published_at: Utc

    @classmethod
    def of(cls, update: MaintenanceUpdate) -> Self:
        body = WordsAnswer.of(update.body)
        return cls(id=update.uuid, body=body, **columns(update, "sequence", "phase", "published_at"))


class WorkAnswer(Named):
    """Planned work and where it stands now."""

    title: WordsAnswer
    body: WordsAnswer
    phase: Phase
    starts_at: Utc
    ends_at: Utc
    announced_at: Utc
    changed_at: Utc
    cancelled_at: Utc | None
    components: list[str]
    updates: list[WorkUpdateAnswer]
    url: str
    version: Version

    @classmethod
    def of(cls, planned: Maintenance, now: datetime) -> Self:
        return cls(
            id=planned.public_id,
            title=WordsAnswer.of(planned.title),
            body=WordsAnswer.of(planned.body),
            phase=phase_now(planned, now),
            components=sorted(one.public_id for one in planned.components),
            updates=[WorkUpdateAnswer.of(one) for one in planned.updates],
            url=public_url(paths.PATTERNS["maintenance"].format(planned.public_id)),
            **columns(planned, "starts_at", "ends_at", "announced_at", "changed_at", "cancelled_at", "version"),
        )
