"""The fields of staff forms: texts in all languages, Markdown, moments in the site's zone, limits."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from wtforms import Field, SelectField, SelectMultipleField
from wtforms.fields.choices import Choice, SelectChoice
from wtforms.validators import StopValidation

from statuspage.i18n import noop
from statuspage.texts.rules import MARKDOWN_LIMIT, Freshness, Prose, Texts, prose, texts
from statuspage.web.site import site

SPOKEN = re.compile(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?\Z", re.ASCII)
NO_MOMENT = noop("Enter a day and a time that exist, like 2021-03-22 14:05.")
SKIPPED = noop("This time does not exist: the clocks went forward over it. Choose an earlier or a later one.")
TWICE = noop("This time came twice, as the clocks went back. Choose the first or the second one below.")
NEEDED = noop("Fill this in.")
TOO_LONG = noop("This is too long: %(count)s characters of at most %(limit)s.")
BROKEN = noop("This has control characters or broken letters, which are removed here: look it over and send it again.")
SOURCE_NEEDED = noop("Fill this in: the other languages are translated from it.")
MISSING_FIELD = noop("Write it in at least one language.")


class Needed:
    """The field must not be empty."""

    field_flags: Mapping[str, Any] = {"required": True}

    def __call__(self, form: Any, field: Any) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(form.say(NEEDED))


class Limit:
    """At most so many characters."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"maxlength": limit}

    def __call__(self, form: Any, field: Any) -> None:
        if field.data and len(field.data) > self.limit:
            raise StopValidation(form.say(TOO_LONG, count=len(field.data), limit=self.limit))


class Pattern:
    """The words must have this shape; `advice` says which."""

    def __init__(self, pattern: str, advice: str) -> None:
        self.pattern = re.compile(pattern)
        self.advice = advice

    def __call__(self, form: Any, field: Any) -> None:
        if field.data and not self.pattern.fullmatch(field.data):
            raise StopValidation(form.say(self.advice))


class ChoiceField(SelectField):  # type: ignore[misc]  # WTForms has no types
    """One of a closed set of words, each with a label in the reader's language; `blank` is the label of none."""

    def __init__(self, label: str = "", *, words: Mapping[Any, str], blank: str | None = None, **rest: Any) -> None:
        kind = type(next(iter(words)))
        choices = _choices(words)
        choices = choices if blank is None else [SelectChoice("", blank), *choices]
        super().__init__(label, choices=choices, coerce=lambda sent: kind(sent) if sent else None, **rest)

    def spoken(self, value: Any) -> str:
        """The label of a value that may be chosen."""
        return next((one.label for one in self.iter_choices() if one.value == str(value or "")), str(value))

    def iter_choices(self) -> Iterator[Choice]:
        for one in super().iter_choices():
            yield Choice(one.value, self.gettext(one.label), one.selected, one.render_kw)


def _choices(words: Mapping[Any, str]) -> list[SelectChoice]:
    return [SelectChoice(str(value), name) for value, name in words.items()]


class ChoicesField(SelectMultipleField):  # type: ignore[misc]  # WTForms has no types
    """Any of a set, as check boxes: `words` are the labels by value; a view may give others with `offer`."""

    kind = "choices"

    def __init__(self, label: str = "", validators: Any = None, *, words: Mapping[Any, str], **rest: Any) -> None:
        super().__init__(label, validators, choices=_choices(words), **rest)

    def offer(self, words: Mapping[Any, str]) -> None:
        """What can be chosen now, such as the rows that exist. Before the form is asked whether it is accepted."""
        self.choices = _choices(words)


class TextsField(Field):  # type: ignore[misc]  # WTForms has no types
    """One text in each language of the site; `data` is what was written, by locale.

    `result()` is the `Texts` to save: a first one, or the given one revised. Inputs are named
    `<name>-<locale>`; `<name>-<locale>-right` confirms that a translation still holds.
    """

    kind = "texts"
    rows = 1

    def __init__(
        self, label: str = "", *, needed: bool = True, limit: int = 200, description: str = "", **rest: Any
    ) -> None:
        super().__init__(label, description=description, **rest)
        self.needed = needed
        self.limit = limit
        self.kept: Texts | None = None
        self.right: frozenset[str] = frozenset()
        self.by_input: dict[str, list[str]] = {}

    @property
    def locales(self) -> tuple[str, ...]:
        return site().settings.locales

    @property
    def source(self) -> str:
        """The language that the others are translated from."""
        if self.kept is not None:
            return self.kept.source
        return next((one for one in self.locales if self.data.get(one)), self.locales[0])

    @property
    def error_id(self) -> str:
        return f"{self.id}-{next(iter(self.by_input), self.source)}"

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        self.object_data = data
        self.kept = data if isinstance(data, Texts) else None
        given = data.by_locale if isinstance(data, Texts) else data or {}
        self.data: dict[str, str] = {locale: given.get(locale, "") for locale in self.locales}
        if formdata is not None:
            self.data = {one: self._sent(formdata, one).strip() for one in self.locales}
            self.right = frozenset(one for one in self.locales if f"{self.name}-{one}-right" in formdata)

    def _sent(self, formdata: Any, locale: str) -> str:
        sent = formdata.getlist(f"{self.name}-{locale}")
        return sent[0] if sent else ""

    def pre_validate(self, form: Any) -> None:
        self.by_input = {}
        for locale, words in self.data.items():
            if f"{self.name}-{locale}" in form.refused:
                self._complain(locale, form.say(BROKEN))
            if self.length(words) > self.limit:
                self._complain(locale, form.say(TOO_LONG, count=self.length(words), limit=self.limit))
        if self.kept is not None and self.kept.by_locale and not self.data.get(self.kept.source):
            if self.needed or any(self.data.values()):
                self._complain(self.kept.source, form.say(SOURCE_NEEDED))
        elif self.needed and not any(self.data.values()):
            self._complain(self.source, form.say(MISSING_FIELD))
        if self.by_input:
            raise StopValidation(next(iter(self.by_input.values()))[0])

    def _complain(self, locale: str, message: str) -> None:
        self.by_input.setdefault(locale, []).append(message)

    def length(self, words: str) -> int:
        return len(words)

    def is_stale(self, locale: str) -> bool:
        """Whether the kept translation renders an older source."""
        return self.kept is not None and self.kept.freshness(locale) is Freshness.STALE

    def result(self) -> Texts | None:
        """The text to save; None when all is empty."""
        if not any(self.data.values()):
            return None
        if self.kept is None:
            return self.first()
        return self.kept.revised(self.data, translated=self.right - {self.kept.source})

    def written(self) -> Texts:
        """The text to save of a field that is needed."""
        found = self.result()
        assert found is not None
        return found

    def first(self) -> Texts:
        return texts(self.data, self.source)


class ProseField(TextsField):
    """One Markdown text in each language of the site, with a preview."""

    kind = "prose"
    rows = 8

    def __init__(self, label: str = "", *, rows: int = 8, **rest: Any) -> None:
        super().__init__(label, **{"limit": MARKDOWN_LIMIT, **rest})
        self.rows = rows

    def length(self, words: str) -> int:
        return len(words.encode())

    def result(self) -> Prose | None:
        found = super().result()
        assert found is None or isinstance(found, Prose)
        return found

    def first(self) -> Prose:
        return prose(self.data, self.source)


class MomentField(Field):  # type: ignore[misc]  # WTForms has no types
    """An instant as the site's wall clock shows it; `data` is aware. Names clearly what summer time does to it."""

    kind = "moment"

    def __init__(self, label: str = "", *, needed: bool = False, description: str = "", **rest: Any) -> None:
        super().__init__(label, description=description, **rest)
        self.needed = needed
        self.words = ""
        self.fold: int | None = None
        self.ambiguous = False

    @property
    def zone(self) -> ZoneInfo:
        return site().settings.zone

    def process(self, formdata: Any, data: Any = None, extra_filters: Any = None) -> None:
        self.process_errors: list[str] = []
        data = data or (self.default() if callable(self.default) else self.default)
        self.object_data = data
        self.data = data
        self.ambiguous = False
        if formdata is None:
            self._show(self.data)
            return
        sent = formdata.getlist(self.name)
        self.words = sent[0].strip() if sent else ""
        chosen = formdata.getlist(f"{self.name}-fold")
        self.fold = int(chosen[0]) if chosen and chosen[0] in {"0", "1"} else None
        self.data = None

    def _show(self, at: datetime | None) -> None:
        if at is None:
            return
        local = at.astimezone(self.zone)
        self.words = local.strftime("%Y-%m-%dT%H:%M") if not local.second else local.strftime("%Y-%m-%dT%H:%M:%S")
        self.ambiguous = is_ambiguous(local.replace(tzinfo=None), self.zone)
        self.fold = local.fold if self.ambiguous else None

    def pre_validate(self, form: Any) -> None:
        if not self.words:
            if self.needed:
                raise StopValidation(form.say(NEEDED))
            return
        naive = parse_local(self.words)
        if naive is None:
            raise StopValidation(form.say(NO_MOMENT))
        if is_skipped(naive, self.zone):
            raise StopValidation(form.say(SKIPPED))
        self.ambiguous = is_ambiguous(naive, self.zone)
        if self.ambiguous and self.fold is None:
            raise StopValidation(form.say(TWICE))
        self.data = naive.replace(tzinfo=self.zone, fold=self.fold or 0).astimezone(UTC)

    def offsets(self) -> list[tuple[int, str]]:
        """The two readings of an ambiguous time: (fold, name of the zone then)."""
        naive = parse_local(self.words) if self.ambiguous else None
        if naive is None:
            return []
        return [(fold, str(naive.replace(tzinfo=self.zone, fold=fold).tzname())) for fold in (0, 1)]


def parse_local(words: str) -> datetime | None:
    """The wall-clock time that the words name, if there is one in years people use."""
    found = SPOKEN.match(words)
    if not found or not 1970 <= int(found[1]) <= 2200:
        return None
    try:
        return datetime(*(int(part or 0) for part in found.groups()))  # type: ignore[arg-type]  # noqa: DTZ001  # the zone is put on by the caller
    except ValueError:
        return None


def is_skipped(naive: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks went forward over this time."""
    there = naive.replace(tzinfo=zone).astimezone(UTC).astimezone(zone)
    return there.replace(tzinfo=None) != naive


def is_ambiguous(naive: datetime, zone: ZoneInfo) -> bool:
    """Whether the clocks showed this time twice."""
    first, second = (naive.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    return first != second and not is_skipped(naive, zone)
