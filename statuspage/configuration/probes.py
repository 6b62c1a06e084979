"""The probes of the file: what each has, and the settings of its kind."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from statuspage.configuration.words import Entry, OneOf
from statuspage.probing.kinds import KINDS, kept
from statuspage.probing.kinds.answers import OPERATORS
from statuspage.probing.kinds.dns import RECORDS
from statuspage.probing.kinds.http_settings import LONGEST_BODY, LONGEST_HEADERS, METHODS, Redirects
from statuspage.probing.rules import Kind, Wish

Target = Annotated[str, Field(min_length=1, max_length=500)]
Short = Annotated[str, Field(max_length=100)]
Phrase = Annotated[str, Field(max_length=200)]
Line = Annotated[str, Field(max_length=500)]
Bytes = Annotated[str, Field(max_length=1000)]
Milliseconds = Annotated[int, Field(ge=1, le=600_000)]
Days = Annotated[int, Field(ge=1, le=3650)]
Times = Annotated[int, Field(ge=1, le=100)]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class Base(Entry):
    """What every probe has. Its panel, function and name tell it from all others."""

    secrets: ClassVar[frozenset[str]] = frozenset({"headers", "body", "send"})

    name: Annotated[str, Field(min_length=1, max_length=100)]
    kind: str
    target: str
    interval: Seconds = 30
    timeout: Annotated[float, Field(gt=0, description="In seconds; at most the interval.")] = 10.0
    down_after: Times = 2
    up_after: Times = 2
    enabled: bool = True
    gateway: Annotated[bool, Field(description="Without it no function of this panel works.")] = False
    publishes_itself: Annotated[bool, Field(description="An outage is published without a person.")] = False

    def wish(self) -> Wish:
        """As the actions of probing take it."""
        own = {one: getattr(self, one) for one in Base.model_fields if one != "kind"}
        kind = Kind(self.kind)
        return Wish(**own, kind=kind, expect=kept(kind, self.model_dump(include=set(KINDS[kind].SETTINGS))))

    def leaves(self) -> dict[str, Any]:
        """Each value of it, for comparing."""
        wish = vars(self.wish())
        expect = wish.pop("expect")
        return {**wish, "kind": str(wish["kind"]), **expect}


class HttpProbe(Base):
    """A web address must answer as expected."""

    kind: Literal["http"]
    target: Target
    method: Annotated[str, OneOf(*METHODS)] | None = None
    headers: Annotated[str, Field(max_length=LONGEST_HEADERS, description="One a line, Name: value.")] | None = None
    body: Annotated[str, Field(max_length=LONGEST_BODY)] | None = None
    redirects: Annotated[str, OneOf(*Redirects)] | None = None
    redirects_most: Annotated[int, Field(ge=1, le=10)] | None = None
    statuses: Annotated[str, Field(max_length=100, description="Like 200-299, 401.")] | None = None
    keyword: Phrase | None = None
    absent: Phrase | None = None
    header_name: Short | None = None
    header_value: Line | None = None
    json_path: Annotated[str, Field(max_length=200, description="Like data.items[0].state.")] | None = None
    json_op: Annotated[str, OneOf(*OPERATORS)] | None = None
    json_value: Line | None = None
    slow_ms: Milliseconds | None = None
    cert_days: Days | None = None


class TcpProbe(Base):
    """A port must take a connection, and may have to answer."""

    kind: Literal["tcp"]
    target: Target
    send: Bytes | None = None
    answer: Bytes | None = None
    slow_ms: Milliseconds | None = None


class TlsProbe(Base):
    """An encrypted connection must be trusted."""

    kind: Literal["tls"]
    target: Target
    cert_days: Days | None = None
    slow_ms: Milliseconds | None = None


class DnsProbe(Base):
    """A name must have its records."""

    kind: Literal["dns"]
    target: Target
    record: Annotated[str, OneOf(*RECORDS)] | None = None
    value: Line | None = None
    resolver: Short | None = None
    slow_ms: Milliseconds | None = None


class PingProbe(Base):
    """A machine must answer an echo."""

    kind: Literal["ping"]
    target: Target
    port: Annotated[int, Field(ge=1, le=65_535)] | None = None
    slow_ms: Milliseconds | None = None


class HeartbeatProbe(Base):
    """A job calls us, and we notice when it stops. Its address is a secret and never in the file."""

    kind: Literal["heartbeat"]
    target: Annotated[str, Field(max_length=500)] = ""
    grace: Annotated[int, Field(ge=0, le=86_400, description="In seconds.")] | None = None


Probe = Annotated[HttpProbe | TcpProbe | TlsProbe | DnsProbe | PingProbe | HeartbeatProbe, Field(discriminator="kind")]
SHAPES: dict[Kind, type[Base]] = {
    Kind.HTTP: HttpProbe,
    Kind.TCP: TcpProbe,
    Kind.TLS: TlsProbe,
    Kind.DNS: DnsProbe,
    Kind.PING: PingProbe,
    Kind.HEARTBEAT: HeartbeatProbe,
}
