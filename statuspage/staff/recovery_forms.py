"""The form that corrects a stage of an account."""

from wtforms import IntegerField, StringField
from wtforms.validators import InputRequired, NumberRange

from statuspage.i18n import noop
from statuspage.recovery.actions.corrections import Correction
from statuspage.recovery.rules.reports import LARGEST, STAGES, State
from statuspage.staff.fields import ChoiceField, Limit, Needed
from statuspage.staff.forms import StaffForm

WHOLE = noop("Give a whole number from 0.")
STATES = {
    State.WAITING: noop("waits its turn"),
    State.RUNNING: noop("is coming back now"),
    State.RESTORED: noop("all back"),
    State.FAILED: noop("did not work; we are on it"),
    State.NEEDS_CHOICE: noop("waits for your choice"),
}


class CorrectionForm(StaffForm):
    """What a person knows better than the reports."""

    stage = ChoiceField(noop("Stage"), words=STAGES)
    state = ChoiceField(noop("State"), words=STATES)
    done = IntegerField(noop("Done"), [InputRequired(WHOLE), NumberRange(0, LARGEST, WHOLE)])
    total = IntegerField(noop("Of how many"), [InputRequired(WHOLE), NumberRange(0, LARGEST, WHOLE)])
    reason = StringField(
        noop("Why?"),
        [Needed(), Limit(200)],
        description=noop("For the audit log; if it is stuck, also on the board."),
    )

    def correction(self) -> Correction:
        reason = " ".join(self.reason.data.split())
        return Correction(self.stage.data, self.state.data, self.done.data, self.total.data, reason)
