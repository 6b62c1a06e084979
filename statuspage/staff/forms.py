"""The base of all staff forms: the strict gate, CSRF of the session, errors in words, saving that loses no text."""

import hmac
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, Self
from uuid import uuid4

from flask import request
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from wtforms import Field, Form, FormField, HiddenField
from wtforms import FieldList as WtFieldList
from wtforms.csrf.core import CSRF
from wtforms.meta import DefaultMeta
from wtforms.validators import ValidationError

from statuspage.db import transaction
from statuspage.errors import Conflict, DomainError, Forbidden, Invalid, NotFound, RuleBroken
from statuspage.i18n import noop, translate, translations
from statuspage.staff import desk, kept
from statuspage.staff.fields import BROKEN, Pattern
from statuspage.web.gate import FORBIDDEN, clean

STALE_PAGE = noop("This page was older than your sign-in, so nothing was saved yet. Your text is below: send it again.")
STALE_BUTTON = noop("This page was older than your sign-in, so nothing was done. Go back, reload it and try again.")
LOOK_AT_FIELDS = noop("Nothing was saved. Please look at the fields below.")
STALE_KEY = noop("This page is out of date. Open the form anew.")
IN_USE = noop("This name or address is in use already, or was taken just now. Choose another.")


class SessionCsrf(CSRF):  # type: ignore[misc]  # WTForms has no types
    """The token of a form is the value kept with the session: nothing for an attacker to plant."""

    def setup_form(self, form: Any) -> Any:
        self.value: str = form.meta.csrf_context
        return super().setup_form(form)

    def generate_csrf_token(self, csrf_token_field: Any) -> str:
        return self.value

    def validate_csrf_token(self, form: Any, field: Any) -> None:
        if not hmac.compare_digest((field.data or "").encode("utf-8", "replace"), self.value.encode()):
            raise ValidationError(STALE_PAGE)


class Words:
    """The translations that WTForms asks for, from our own catalogues."""

    def __init__(self, locale: str) -> None:
        self.catalogue = translations(locale)

    def gettext(self, message: str) -> str:
        return self.catalogue.gettext(message)

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return self.catalogue.ngettext(singular, plural, n)


class Meta(DefaultMeta):  # type: ignore[misc]  # WTForms has no types
    """How our forms are bound."""

    csrf = True
    csrf_class = SessionCsrf
    csrf_field_name = "csrf_token"

    def get_translations(self, form: Any) -> Words:
        return Words(self.locale)


class StaffForm(Form):  # type: ignore[misc]  # WTForms has no types
    """One form of the desk. A view makes it with `received()`, asks `accepted()`, and saves in `with saving()`.

    `status` is the one of HTTP to answer with: no field may have that name, nor one of the others below.
    """

    Meta: ClassVar[type] = Meta
    prefix: ClassVar[str] = ""
    version = HiddenField()

    @classmethod
    def received(cls, obj: object = None, **data: Any) -> Self:
        """The form as sent, or on a GET with what `obj` and `data` say now."""
        filled = request.form if request.method == "POST" else cls.taken_up()
        sent, refused = through_the_gate(filled) if filled is not None else (None, set())
        return cls._made(sent, refused, obj, **data)

    @classmethod
    def showing(cls, obj: object = None, **data: Any) -> Self:
        """The form with what `obj` and `data` say now, beside another one that was sent."""
        return cls._made(None, set(), obj, **data)

    @classmethod
    def _made(cls, sent: MultiDict[str, str] | None, refused: set[str], obj: object, **data: Any) -> Self:
        meta = {"csrf_context": desk.csrf(), "locale": desk.locale()}
        form = cls(formdata=sent, obj=obj, prefix=cls.prefix, data=data, meta=meta)
        form.refused = refused
        form.problem = None
        form.status = 200
        form.saved = False
        form.newest = str(getattr(obj, "version", ""))
        if sent is None:
            form.begin()
        return form

    @classmethod
    def taken_up(cls) -> MultiDict[str, str] | None:
        """What was typed into it before and not sent, where the person goes on with that."""
        return None

    def begin(self) -> None:
        """It is opened, and not sent."""
        self.version.data = self.newest

    def settle(self, session: Session) -> None:
        """What else is done in the transaction in which it is saved."""

    refused: set[str]
    newest: str
    problem: str | None
    status: int
    saved: bool

    def accepted(self) -> bool:
        """Whether it was sent and every field is right. `status` and the errors say what is not."""
        if request.method != "POST":
            return False
        right: bool = self.validate()
        for field in leaves(self):
            if field.name in self.refused:
                field.errors = [*field.errors, self.say(BROKEN)]
                right = False
        if self.csrf_token.errors:
            self.refuse(STALE_PAGE, 403)
        elif not right:
            self.refuse(LOOK_AT_FIELDS, 422)
        return right

    def demand(self) -> None:
        """For a form that is one button: raises `Forbidden` unless it was sent from a page of this session."""
        if not self.accepted():
            raise Forbidden(STALE_BUTTON)

    def refuse(self, message: str, status: int = 422, **values: object) -> None:
        """Say on top of the form why it was not taken."""
        self.problem = self.say(message, **values)
        self.status = status

    def say(self, message: str, /, **values: object) -> str:
        return translate(self.meta.locale, message, **values)

    def seen_version(self) -> int:
        """The version that the person was looking at."""
        sent = str((self.version.raw_data or [""])[0])
        return int(sent) if re.fullmatch("[0-9]{1,9}", sent) else 0

    @contextmanager
    def saving(self, *, quiet: bool = False) -> Iterator[Session]:
        """A transaction whose refusal becomes the form's: the text stays, the reason stands on top or at its field.

        `saved` says afterwards whether it was committed.
        """
        with self.refusals():
            with transaction(quiet=quiet) as session:
                yield session
                self.settle(session)
            self.saved = True

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """What is refused inside is said on the form."""
        try:
            yield
        except IntegrityError:
            self.refuse(IN_USE, 409)
        except Conflict as error:
            self._refused_by(error, 409)
            # What is saved now stands beside the person's words; sending again replaces it knowingly.
            self.version.data = self.newest
        except (Invalid, RuleBroken, NotFound, Forbidden) as error:
            self._refused_by(error, 403 if isinstance(error, Forbidden) else 422)

    def _refused_by(self, error: DomainError, status: int) -> None:
        self.refuse(error.template, status, **error.values)
        for one in error.fields if isinstance(error, Invalid) else ():
            field = self._fields.get(one.path.strip("/"))
            if field is not None:
                field.errors = [*field.errors, self.say(one.template or one.reason, **one.values)]

    def attributes(self, field: Field) -> dict[str, str]:
        """What ties an input to its hint and its error, for assistive technology."""
        return _tied(field.id, hint=bool(field.description), wrong=bool(field.errors))

    def text_attributes(self, field: Field, locale: str) -> dict[str, str]:
        """The same for the input of one language."""
        wrong = locale in field.by_input
        tied = _tied(f"{field.id}-{locale}", hint=False, wrong=wrong)
        hint = [f"{field.id}-hint"] if field.description else []
        described = " ".join([*hint, *tied.get("aria-describedby", "").split()])
        return {**tied, "aria-describedby": described} if described else tied

    def differs(self, field: Field) -> bool:
        """After a conflict: whether what is saved now is not what the person wrote."""
        return self.status == 409 and field.object_data not in (None, "", field.data)

    @property
    def all_errors(self) -> list[tuple[str, str, str]]:
        """(id of the input, label, message) of every wrong field, for the summary."""
        return [
            (getattr(field, "error_id", field.id), field.label.text, message)
            for field in leaves(self)
            for message in field.errors
            if field.short_name != "csrf_token"
        ]


class OnceForm(StaffForm):
    """A form with a key of its own: sent twice (a double click, a lost answer) it counts once, as the action keeps
    the key; and by it keep.js has the server keep what is typed."""

    form_key = HiddenField(default=lambda: uuid4().hex, validators=[Pattern("[0-9a-f]{32}", STALE_KEY)])

    @classmethod
    def taken_up(cls) -> MultiDict[str, str] | None:
        found = kept.taken_up()
        return None if found is None else MultiDict(found)

    def begin(self) -> None:
        super().begin()
        self.form_key.data = uuid4().hex  # a row that is edited has the key of the form that made it

    def settle(self, session: Session) -> None:
        kept.settle(session, self.form_key.data)

    def offers(self) -> kept.Offers:
        """What else was typed into this form, by this person or another, and not sent."""
        return kept.offers(self.form_key.data or "")


class Act(StaffForm):
    """A button: nothing to fill in, but a token."""


def _tied(input_id: str, *, hint: bool, wrong: bool) -> dict[str, str]:
    notes = [f"{input_id}-{note}" for note, there in (("hint", hint), ("error", wrong)) if there]
    tied = {"aria-describedby": " ".join(notes)} if notes else {}
    return {**tied, "aria-invalid": "true"} if wrong else tied


def leaves(form: Any) -> Iterator[Field]:
    """Every field that has no fields of its own."""
    for field in form:
        if isinstance(field, FormField):
            yield from leaves(field.form)
        elif isinstance(field, WtFieldList):
            for entry in field.entries:
                yield from leaves(entry.form) if isinstance(entry, FormField) else [entry]
        else:
            yield field


def through_the_gate(sent: MultiDict[str, str]) -> tuple[MultiDict[str, str], set[str]]:
    """The form's words, clean; and the names of the fields that had to be cleaned."""
    passed: list[tuple[str, str]] = []
    refused: set[str] = set()
    for name, words in sent.items(multi=True):
        # The decoder puts U+FFFD where the bytes were not UTF-8.
        kept = FORBIDDEN.sub("", words).replace("\ufffd", "")
        if kept != words:
            refused.add(name)
        passed.append((name, clean(kept)))
    return MultiDict(passed), refused
