"""The forms about what customers have to choose."""

from collections.abc import Iterator

from wtforms.fields.choices import Choice

from statuspage.i18n import noop
from statuspage.recovery.actions.offering import Terms
from statuspage.recovery.rules.choices import QUESTIONS, ChoiceKind
from statuspage.staff.fields import ChoiceField, ChoicesField, MomentField, Needed
from statuspage.staff.forms import StaffForm

OPTIONS = {name: option.name for name, option in QUESTIONS[ChoiceKind.WAREHOUSE].options.items()}


class OptionsField(ChoicesField):
    """The options in the words that customers read."""

    def iter_choices(self) -> Iterator[Choice]:
        for one in super().iter_choices():
            yield Choice(one.value, self.gettext(one.label), one.selected, one.render_kw)


class AboutOptions(StaffForm):
    """What is refused names options in the words that customers read."""

    def say(self, message: str, /, **values: object) -> str:
        name = OPTIONS.get(str(values.get("option")))
        return super().say(message, **(values if name is None else {**values, "option": super().say(name)}))


class TermsForm(AboutOptions):
    """What is offered, what holds without a word from the customer, and until when."""

    options = OptionsField(noop("What can be chosen"), words=OPTIONS)
    default = ChoiceField(noop("Holds for who has not chosen by then"), validators=[Needed()], words=OPTIONS)
    deadline = MomentField(noop("Until when"), needed=True)

    def terms(self) -> Terms:
        chosen = tuple(name for name in OPTIONS if name in (self.options.data or ()))
        return Terms(chosen, self.default.data, self.deadline.data)


class CarriedForm(AboutOptions):
    """Which option was carried out."""

    option = ChoiceField(noop("What was carried out"), validators=[Needed()], words=OPTIONS)
