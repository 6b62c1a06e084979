"""The forms about panels, functions and components."""

from wtforms import BooleanField, DateField, IntegerField, StringField, URLField
from wtforms.validators import NumberRange, Optional

from statuspage.i18n import noop
from statuspage.panels.actions import About, Missing
from statuspage.panels.rules import SLUG, Days, Status
from statuspage.staff.fields import ChoiceField, Limit, MomentField, Needed, Pattern, ProseField, TextsField
from statuspage.staff.forms import StaffForm

SLUG_ADVICE = noop("Use small letters, digits and hyphens, like panel-a.")
SMALL = noop("Give a whole number from 0 to 9,999.")
MARGIN = noop("Give 0 to 10,080 minutes (a week).")
WORDS = {
    Status.OPERATIONAL: noop("works"),
    Status.DEGRADED: noop("slower"),
    Status.PARTIAL: noop("works in part"),
    Status.MAJOR: noop("down"),
    Status.UNDER_MAINTENANCE: noop("maintenance"),
}


class PanelForm(StaffForm):
    """What a panel is."""

    name = TextsField(noop("Name for the public"), limit=80)
    description = ProseField(noop("Description"), needed=False, rows=4)
    login_url = URLField(noop("Where customers log in"), [Limit(500)])
    accounts_from = DateField(
        noop("Accounts created from"), [Optional()], description=noop("Leave it empty for: from the beginning.")
    )
    accounts_until = DateField(
        noop("Accounts created until"),
        [Optional()],
        description=noop("This day included; leave it empty for: no end. No day may belong to two panels."),
    )
    opens_temporary = BooleanField(noop("Temporary accounts open here"))
    position = IntegerField(noop("Place in the list"), [NumberRange(0, 9999, SMALL)], default=0)

    def about(self) -> About:
        """What was written, as the action takes it."""
        return About(
            name=self.name.written(),
            description=self.description.result(),
            login_url=(self.login_url.data or "").strip(),
            position=self.position.data,
            days=Days(self.accounts_from.data, self.accounts_until.data),
            opens_temporary=self.opens_temporary.data,
        )


class NewPanel(PanelForm):
    """A panel that is not there yet."""

    slug = StringField(
        noop("Name in addresses"),
        [Needed(), Limit(40), Pattern(SLUG, SLUG_ADVICE)],
        description=noop("Small letters, digits and hyphens, like panel-a. It stays for ever."),
    )


class MissingForm(StaffForm):
    """As of when the data is, and what is missing."""

    cutoff_at = MomentField(noop("The data here is as of"))
    cutoff_margin_minutes = IntegerField(noop("Give or take, in minutes"), [NumberRange(0, 10080, MARGIN)], default=0)
    gap_from = MomentField(noop("What is missing begins"))
    gap_until = MomentField(noop("What is missing ends"))

    def missing(self) -> Missing:
        return Missing(self.cutoff_at.data, self.cutoff_margin_minutes.data, self.gap_from.data, self.gap_until.data)


class FunctionForm(StaffForm):
    """Something that customers do."""

    slug = StringField(
        noop("Name in addresses"),
        [Needed(), Limit(40), Pattern(SLUG, SLUG_ADVICE)],
        description=noop("Small letters, digits and hyphens, like import-orders. It stays for ever."),
    )
    name = TextsField(noop("Name for the public"), limit=80)
    key = BooleanField(noop("Key function: without it the whole panel counts as down"))
    position = IntegerField(noop("Place in the list"), [NumberRange(0, 9999, SMALL)], default=0)


class OverrideForm(StaffForm):
    """A status set by hand."""

    shown = ChoiceField(noop("Show this status"), words=WORDS)
    reason = StringField(
        noop("Reason"), [Needed(), Limit(500)], description=noop("For your colleagues: the public does not see it.")
    )


class NoteForm(StaffForm):
    """What the public reads beside a status."""

    note = TextsField(noop("Public note"), needed=False, limit=300, description=noop("Empty it to take the note away."))
