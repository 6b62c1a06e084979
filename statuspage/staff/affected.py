"""The grid of a composer: what an update says of each component, panel by panel."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from sqlalchemy.orm import Session
from wtforms import Field
from wtforms.validators import StopValidation

from statuspage.i18n import noop
from statuspage.incidents.rules import Says
from statuspage.panels.models import Component, Panel
from statuspage.panels.queries import all_components
from statuspage.panels.rules import Status
from statuspage.staff.fields import BROKEN, TOO_LONG
from statuspage.texts.rules import Texts, texts
from statuspage.web.site import site

NOTE_LIMIT = 200
# With more components than this, functions one by one are on the page only of the panels that somebody opens.
MANY = 120
OPEN = "open-panel"
NO_COMPONENT = noop("There is no such component.")
NO_STATUS = noop("Choose one of the statuses.")
NO_NOTE_ALONE = noop("Choose a status, so that the note has something to stand beside.")
Said = Mapping[str, tuple[Status, Texts | None]]


@dataclass(frozen=True)
class Row:
    """One component: what the incident said last of it, and what the form says now."""

    component: Component
    before: tuple[Status, Texts | None] | None
    status: str = ""
    note: Mapping[str, str] = field(default_factory=dict)
    was: str = ""
    error: str = ""

    @property
    def public_id(self) -> str:
        return self.component.public_id

    @property
    def is_open(self) -> bool:
        """Whether it says something new, or something wrong: a panel without such rows is folded away."""
        written = {locale: text for locale, text in self.note.items() if text}
        status, note = (self.before[0].value, self.before[1]) if self.before else ("", None)
        return bool(self.error) or (self.status, written) != (status, dict(note.by_locale) if note else {})

    def says(self) -> Says | None:
        """What is new here; None where the incident says so already, or says nothing."""
        if not self.status:
            return None
        status, written = Status(self.status), {locale: text for locale, text in self.note.items() if text}
        old = self.before[1] if self.before else None
        if self.before and self.before[0] is status and written == (dict(old.by_locale) if old else {}):
            return None
        source = old.source if old and old.source in written else next(iter(written), "")
        return Says(self.public_id, status, texts(written, source) if written else None)


def rows_for(session: Session, said: Said, draft: Said | None = None) -> list[Row]:
    """Every component with what was said of it last; a draft's own words stand in front of that."""
    now = {**said, **(draft or {})}
    return [_row(one, said.get(one.public_id), now.get(one.public_id)) for one in all_components(session)]


def _row(component: Component, before: Any, now: tuple[Status, Texts | None] | None) -> Row:
    if now is None:
        return Row(component, before, was=mark("", {}))
    note = dict(now[1].by_locale) if now[1] else {}
    return Row(component, before, now[0].value, note, mark(now[0].value, note))


def mark(status: str, note: Mapping[str, str]) -> str:
    """What a row held when the page was opened. A row sent as it was opened follows what others said since."""
    return "|".join([status, *(note.get(one, "") for one in site().settings.locales)])


class AffectedField(Field):  # type: ignore[misc]  # WTForms has no types
    """Status and note of each component. Inputs: `components-<id>`, `components-<id>-note-<locale>`, and
    `components-<panel>` for all functions of a panel that are not set one by one."""

    kind = "affected"
    locales: tuple[str, ...]

    def process(self, formdata: Any, data: Sequence[Row] | None = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.locales = site().settings.locales
        self.object_data = self.data = list(data or [])
        self.whole: dict[str, str] = {}
        self.unknown: list[str] = []
        panels = {row.component.panel.slug for row in self.data}
        self.asked = "" if formdata is None else formdata.get(OPEN, "")
        self.opened = panels if len(self.data) <= MANY else panels & {self.asked}
        if formdata is None:
            return
        names = [name for name in formdata if name.startswith(f"{self.name}-")]
        given = {name.removeprefix(f"{self.name}-"): formdata.getlist(name)[0] for name in names}
        self.whole = {panel: given[panel] for panel in panels if given.get(panel)}
        expected = panels | {name for row in self.data for name in self._names(row)}
        self.unknown = sorted(set(given) - expected)
        self.opened |= {row.component.panel.slug for row in self.data if row.public_id in given}
        self.data = [self._sent(row, given) for row in self.data]

    def _names(self, row: Row) -> list[str]:
        notes = [f"{row.public_id}-note-{one}" for one in self.locales]
        return [row.public_id, f"{row.public_id}-was", *notes]

    def _sent(self, row: Row, given: Mapping[str, str]) -> Row:
        note = {one: given.get(f"{row.public_id}-note-{one}", "").strip() for one in self.locales}
        status, was = given.get(row.public_id), given.get(f"{row.public_id}-was", "")
        whole = self.whole.get(row.component.panel.slug)
        if status is None or mark(status, note) == was:
            return replace(row, status=whole) if whole else row
        return replace(row, status=status, note=note, was=was)

    def pre_validate(self, form: Any) -> None:
        self.data = [replace(row, error=self._fault(form, row)) for row in self.data]
        words = [row.error for row in self.data if row.error]
        if self.unknown:
            words.append(form.say(NO_COMPONENT))
        if words:
            raise StopValidation(words[0])

    def _fault(self, form: Any, row: Row) -> str:
        longest = max((len(text) for text in row.note.values()), default=0)
        if form.refused & {f"{self.name}-{name}" for name in self._names(row)}:
            return str(form.say(BROKEN))
        if row.status and row.status not in list(Status):
            return str(form.say(NO_STATUS))
        if not row.status and longest:
            return str(form.say(NO_NOTE_ALONE))
        return str(form.say(TOO_LONG, count=longest, limit=NOTE_LIMIT)) if longest > NOTE_LIMIT else ""

    def whole_of(self, rows: Sequence[Row]) -> Mapping[str, int]:
        """How many functions of a panel stand how, for its line when it is folded."""
        return Counter(row.status for row in rows if row.status)

    @property
    def panels(self) -> list[tuple[Any, list[Row]]]:
        """The rows of each panel."""
        grouped = groupby(self.data, key=lambda row: row.component.panel)
        return [(panel, list(rows)) for panel, rows in grouped]

    def shows(self, panel: Panel, rows: Sequence[Row]) -> bool:
        """Whether the functions of a panel are on the page one by one."""
        return panel.slug in self.opened or any(
            row.is_open and row.status != self.whole.get(panel.slug) for row in rows
        )

    def saved(self, row: Row) -> Row | None:
        """What is saved of this component now, where that is not what was sent."""
        now = next(one for one in self.object_data if one.public_id == row.public_id)
        written = {one: text for one, text in row.note.items() if text}
        return None if (now.status, dict(now.note)) == (row.status, written) else now

    def says(self) -> tuple[Says, ...]:
        """What the update says: only what is new."""
        return tuple(said for row in self.data if (said := row.says()) is not None)
