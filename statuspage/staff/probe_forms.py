"""The form of a probe: what every kind has, and the settings of each."""

from typing import Any

from wtforms import BooleanField, FloatField, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from statuspage.i18n import noop
from statuspage.probing.kinds import KINDS, kept
from statuspage.probing.kinds.dns import RECORDS
from statuspage.probing.kinds.http_settings import METHODS, Redirects
from statuspage.probing.rules import Kind, Wish
from statuspage.staff.fields import ChoiceField, Limit, Needed
from statuspage.staff.forms import StaffForm

KIND_WORDS = {
    Kind.HTTP: noop("web address: it must answer as expected"),
    Kind.TCP: noop("port: it must take a connection"),
    Kind.TLS: noop("certificate: an encrypted connection must be trusted"),
    Kind.DNS: noop("name: it must have its records"),
    Kind.PING: noop("ping: the machine must answer"),
    Kind.HEARTBEAT: noop("heartbeat: a job of yours calls us, we notice when it stops"),
}
REDIRECTS = {
    Redirects.NONE: noop("none: the redirect is the answer"),
    Redirects.SAME_HOST: noop("those that stay on the same host"),
    Redirects.ANY: noop("all of them"),
}
COMPARISONS = {
    "=": noop("is"),
    "!=": noop("is not"),
    "<": noop("is less than"),
    ">": noop("is more than"),
    "contains": noop("contains"),
}
ASKED = ("method", "headers", "body", "redirects", "redirects_most", "send", "record", "resolver", "port")
RIGHT = (
    "statuses", "keyword", "absent", "header_name", "header_value", "json_path", "json_op", "json_value", "answer",
    "value", "slow_ms", "cert_days", "grace",
)  # fmt: skip
SWITCHES = ("enabled", "gateway", "publishes_itself")
EVERY = ("name", "kind", "target", "interval", "timeout", "down_after", "up_after", *SWITCHES)


class ProbeForm(StaffForm):
    """A probe; the settings of other kinds than the chosen one may stay empty and are not kept."""

    name = StringField(noop("Name"), [Needed(), Limit(100)])
    component_id = SelectField(noop("Function on a panel"), coerce=int)
    kind = ChoiceField(noop("What is checked"), words=KIND_WORDS)
    target = StringField(
        noop("Address"),
        [Limit(500)],
        description=noop(
            "https://panel.example.com/health for the web, host:5432 for a port or a certificate, "
            "panel.example.com for a name or a ping"
        ),
    )
    interval = IntegerField(noop("Every … seconds"), [InputRequired()], default=30)
    timeout = FloatField(noop("Give up after … seconds"), [InputRequired()], default=10.0)
    down_after = IntegerField(noop("Down after so many failures in a row"), [InputRequired()], default=2)
    up_after = IntegerField(noop("Up after so many successes in a row"), [InputRequired()], default=2)
    gateway = BooleanField(noop("Gateway: without it no function of this panel works"))
    publishes_itself = BooleanField(noop("An outage is published at once, without waiting for somebody to read it"))
    enabled = BooleanField(noop("This probe is on"), default=True)

    method = ChoiceField(noop("Method"), words={one: one for one in METHODS}, default="GET")
    headers = TextAreaField(
        noop("Headers"), description=noop("One a line, like Authorization: Bearer abc. They stay with this host.")
    )
    body = TextAreaField(noop("Body"))
    redirects = ChoiceField(noop("Redirects that are followed"), words=REDIRECTS, default=Redirects.NONE)
    redirects_most = IntegerField(noop("At most so many redirects"), [Optional()], description=noop("10 if empty"))
    send = StringField(noop("What we send"), description=noop(r"\r, \n and \x00 stand for their bytes"))
    record = ChoiceField(noop("Record type"), words={one: one for one in RECORDS}, default="A")
    resolver = StringField(
        noop("Name server"), [Limit(100)], description=noop("An address, like 9.9.9.9; this machine's own if empty")
    )
    port = IntegerField(
        noop("Port to connect to instead"), [Optional()], description=noop("Used where this machine may not ping")
    )

    statuses = StringField(noop("HTTP statuses that are right"), [Limit(100)], description=noop("200-299 if empty"))
    keyword = StringField(noop("Words that the answer must hold"), [Limit(200)])
    absent = StringField(noop("Words that it must not hold"), [Limit(200)])
    header_name = StringField(noop("Header that the answer must have"), [Limit(100)])
    header_value = StringField(noop("What that header must say"), [Limit(500)], description=noop("anything if empty"))
    json_path = StringField(
        noop("Value in the answer's JSON"), [Limit(200)], description=noop("a path, like data.items[0].state")
    )
    json_op = ChoiceField(noop("How that value is compared"), words=COMPARISONS, default="=")
    json_value = StringField(noop("What it is compared with"), [Limit(500)])
    answer = StringField(noop("What must come back"), description=noop("any connection will do if empty"))
    value = StringField(
        noop("Values that must be there"), [Limit(500)], description=noop("between commas; any record will do if empty")
    )
    slow_ms = IntegerField(noop("Slow from … milliseconds on"), [Optional()])
    cert_days = IntegerField(noop("Warn when the certificate has fewer days left than"), [Optional()])
    grace = IntegerField(noop("Grace of a heartbeat in seconds"), [Optional()])

    def wish(self) -> Wish:
        given = {one: self[one].data for one in KINDS[self.kind.data].SETTINGS}
        return Wish(**{one: self[one].data for one in EVERY}, expect=kept(self.kind.data, given))

    def groups(self) -> list[tuple[str, list[tuple[Any, str]]]]:
        """The settings under their headings, each with the kinds that use it."""
        headings = ((noop("What is asked"), ASKED), (noop("What is right"), RIGHT))
        return [(heading, [(self[one], used_by(one)) for one in names]) for heading, names in headings]


def used_by(*settings: str) -> str:
    """The kinds that have any of these settings, for the style sheet to show and hide."""
    return " ".join(kind for kind, one in KINDS.items() if set(settings) & set(one.SETTINGS))
