"""The fields of an estimate, for its own form and for the composer."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from wtforms import DateField, StringField

from statuspage import clock
from statuspage.estimates.rules import Confidence, Precision, Said, faults, whole_days
from statuspage.i18n import noop
from statuspage.staff.fields import ChoiceField, Limit, MomentField, TextsField
from statuspage.staff.forms import OnceForm
from statuspage.web.site import site

PRECISIONS = {
    Precision.DAY: noop("on a day"),
    Precision.RANGE: noop("between two days"),
    Precision.INSTANT: noop("at a time"),
}
CONFIDENCES = {Confidence.LOW: noop("low"), Confidence.MEDIUM: noop("medium"), Confidence.HIGH: noop("high")}
NEEDED = noop("Fill this in.")
YEARS = (1970, 2200)
ODD_YEAR = noop("Choose a day between the years 1970 and 2200.")
BACKWARDS = noop("The end lies before the beginning.")
FIELDS = ("precision", "first_day", "last_day", "moment", "source", "quote", "link", "confidence", "said_at")
SOURCE_HINT = noop("As the sentence goes on: “according to the hosting provider”.")


class Promised(OnceForm):
    """When something is expected back, and who says so."""

    precision = ChoiceField(noop("Expected"), words=PRECISIONS, default=Precision.DAY)
    first_day = DateField(noop("Day, or the first of several"))
    last_day = DateField(noop("Last day (between two days)"))
    moment = MomentField(noop("Time (at a time)"))
    source = TextsField(noop("According to whom"), needed=False, description=SOURCE_HINT)
    quote = TextsField(noop("In their words"), needed=False, limit=1000)
    link = StringField(noop("Where they say so (web address)"), [Limit(500)])
    confidence = ChoiceField(noop("How sure they are"), words=CONFIDENCES, blank=noop("not said"))
    said_at = MomentField(noop("When they said it (empty: now)"))

    def promises(self) -> bool:
        """Whether the fields are meant to be an estimate."""
        return True

    def validate(self, extra_validators: Any = None) -> bool:
        right = bool(super().validate(extra_validators))
        for name in ("first_day", "last_day"):
            if not self[name].raw_data or not self[name].raw_data[0]:
                self[name].errors = []  # an empty day is judged by what is expected, below
        if not self.promises():
            return right or not any(field.errors for field in self)
        for name, message in self._faults():
            self._wrong(name, message)
        return not any(field.errors for field in self)

    def _wrong(self, name: str, message: str) -> None:
        field, words = self[name], self.say(message)
        field.errors = [*field.errors, words]
        if isinstance(field, TextsField):
            field.by_input.setdefault(field.source, []).append(words)

    def _faults(self) -> Iterator[tuple[str, str]]:
        days = {"first_day"} if self.precision.data is Precision.DAY else {"first_day", "last_day"}
        needed = {"moment"} if self.precision.data is Precision.INSTANT else days
        missing = [name for name in sorted(needed) if not self[name].data and not self[name].errors]
        yield from ((name, NEEDED) for name in missing)
        odd = [name for name in sorted(days) if self[name].data and not YEARS[0] <= self[name].data.year <= YEARS[1]]
        yield from ((name, ODD_YEAR) for name in odd)
        if missing or odd or any(self[name].errors for name in (*needed, "precision")):
            return
        if self.precision.data is Precision.RANGE and self.last_day.data < self.first_day.data:
            yield "last_day", BACKWARDS
            return
        for path, message in faults(self.said(), site().settings.zone, clock.now()).items():
            yield path.strip("/"), message

    def said(self) -> Said:
        """The promise as its source made it."""
        precision, zone = self.precision.data, site().settings.zone
        if precision is Precision.INSTANT:
            starts_at = ends_at = self.moment.data
        else:
            last: date = self.last_day.data if precision is Precision.RANGE else self.first_day.data
            starts_at, ends_at = whole_days(self.first_day.data, last, zone)
        return Said(
            precision=precision,
            starts_at=starts_at,
            ends_at=ends_at,
            source=self.source.result() or self.source.first(),
            quote=self.quote.result(),
            link=(self.link.data or "").strip() or None,
            confidence=self.confidence.data,
            said_at=self.said_at.data,
        )
