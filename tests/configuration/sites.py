"""Sites for tests of the file: a small one as a file, and any that staff could have made, as rows."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.configuration import actions, queries
from statuspage.configuration.actions import Done
from statuspage.configuration.exports import exported
from statuspage.configuration.references import Hiding, resolved
from statuspage.configuration.rules import Plan
from statuspage.configuration.shapes import fit
from statuspage.panels.models import Component, Function, Panel
from statuspage.probing import guard
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind
from statuspage.texts.rules import Texts, prose
from statuspage.web import yaml
from statuspage.web.gate import FORBIDDEN, clean

NOWHERE: tuple[guard.Network, ...] = ()
SITE = """
functions:
  - slug: login
    name: {pl: Logowanie, en: Logging in}
    key: true
  - slug: api
    name: {pl: API, en: API}
panels:
  - slug: panel-a
    name: {pl: Panel A, en: Panel A}
    description: {pl: Starsze konta., en: Older accounts.}
    login_url: https://panel-a.example.com/
    accounts_until: 2019-11-17
    components:
      login:
        note: {pl: Wolno., en: Slow.}
        probes:
          - name: page
            kind: http
            target: https://panel-a.example.com/health
            keyword: Welcome
      api:
        probes:
          - {name: import, kind: heartbeat, interval: 60, grace: 30}
  - slug: panel-b
    name: {pl: Panel B, en: Panel B}
    accounts_from: 2019-11-18
"""


def imported(session: Session, words: str, *, prune: bool = False, **environment: str) -> Done:
    raw = resolved(yaml.read(words.encode()).data, environment)
    return actions.apply(session, fit(raw), NOWHERE, SYSTEM, prune=prune)


def planned(session: Session, words: str, *, prune: bool = False, **environment: str) -> Plan:
    raw = resolved(yaml.read(words.encode()).data, environment)
    return queries.planned(session, fit(raw), NOWHERE, prune=prune)


def written(session: Session, hiding: Hiding | None = None) -> str:
    return yaml.write(exported(queries.present(session), hiding))


def emptied(session: Session) -> None:
    for model in (Panel, Function):
        session.execute(delete(model))


def lines(limit: int, *, least: int = 1) -> st.SearchStrategy[str]:
    """What the desk lets pass, as it keeps it."""
    said = st.text(max_size=limit).filter(lambda words: not FORBIDDEN.search(words)).map(clean).map(str.strip)
    odd = st.sampled_from(
        ["no", "12:30", "010", "1e3", "null", "~", "# x", "a: b", "${HOME}", "$${X}", "- x", "&a", "'"]
    )
    return (said | odd).filter(lambda words: least <= len(words) <= limit)


def several(limit: int) -> st.SearchStrategy[str]:
    return st.lists(lines(20, least=0), min_size=1, max_size=4).map("\n".join).map(str.strip).filter(bool)


@st.composite
def texts(draw: st.DrawFn, words: st.SearchStrategy[str]) -> Texts:
    """In one language or both, from either; the translation fresh or stale."""
    by_locale = draw(st.dictionaries(st.sampled_from(["pl", "en"]), words, min_size=1))
    source = draw(st.sampled_from(sorted(by_locale)))
    revision = draw(st.integers(1, 3))
    translates = {one: draw(st.integers(revision - 1, revision)) for one in by_locale if one != source}
    return Texts(source, by_locale, revision, translates if draw(st.booleans()) else {})


def as_prose(text: Texts) -> Any:
    return prose(text.by_locale, text.source, text.revision, text.translates)


HEADERS = st.lists(
    st.tuples(st.sampled_from(["Accept", "Authorization", "X-Key"]), st.sampled_from(["a", "${B}", "c d"])), max_size=3
).map(lambda rows: "\n".join(f"{name}: {value}" for name, value in rows))
SETTINGS: Mapping[Kind, tuple[st.SearchStrategy[str], Mapping[str, st.SearchStrategy[Any]]]] = {
    Kind.HTTP: (
        st.sampled_from(
            ["https://a.example.com/x?k=${V}&b", "http://a.example.com:81/", "https://a.example.com/$${A}"]
        ),
        {
            "method": st.sampled_from(["GET", "POST"]),
            "headers": HEADERS,
            "body": lines(20, least=0) | several(20),
            "redirects": st.sampled_from(["none", "any"]),
            "statuses": st.sampled_from(["200", "200-299, 401"]),
            "keyword": lines(20),
            "json_op": st.sampled_from(["=", "!="]),
            "slow_ms": st.integers(1, 600_000),
        },
    ),
    Kind.TCP: (st.just("a.example.com:25"), {"send": lines(20), "answer": lines(20), "slow_ms": st.integers(1, 9)}),
    Kind.TLS: (st.just("a.example.com:443"), {"cert_days": st.integers(1, 3650)}),
    Kind.DNS: (
        st.just("a.example.com"),
        {"record": st.sampled_from(["A", "MX"]), "value": lines(20), "resolver": st.just("9.9.9.9")},
    ),
    Kind.PING: (st.just("a.example.com"), {"port": st.integers(1, 65_535)}),
    Kind.HEARTBEAT: (st.just(""), {"grace": st.integers(0, 86_400)}),
}


@st.composite
def probes(draw: st.DrawFn) -> Probe:
    kind = draw(st.sampled_from(sorted(Kind)))
    target, settings = SETTINGS[kind]
    interval = draw(st.integers(1, 86_400))
    return Probe(
        name=draw(lines(100)),
        kind=kind,
        target=draw(target),
        expect=draw(st.fixed_dictionaries({}, optional=dict(settings))),
        interval=interval,
        timeout=draw(st.floats(0.1, interval)),
        down_after=draw(st.integers(1, 100)),
        up_after=draw(st.integers(1, 100)),
        enabled=draw(st.booleans()),
        gateway=draw(st.booleans()),
        publishes_itself=draw(st.booleans()),
        created_at=clock.now(),
    )


SLUGS = st.lists(
    st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True).filter(lambda one: one not in {"new", "functions"}),
    unique=True,
    max_size=3,
)


@st.composite
def rows(draw: st.DrawFn) -> list[Panel | Function | Component | Probe]:
    """Functions, panels on days that do not overlap, a component for each pair, and probes on them."""
    positions, note = st.integers(0, 9999), st.none() | texts(lines(300))
    functions = [
        Function(slug=slug, name=draw(texts(lines(80))), key=draw(st.booleans()), position=draw(positions))
        for slug in draw(SLUGS)
    ]
    panels = [
        Panel(
            slug=slug,
            name=draw(texts(lines(80))),
            description=draw(st.none() | texts(several(80)).map(as_prose)),
            login_url=draw(st.sampled_from(["", "https://a.example.com/"])),
            position=draw(positions),
            accounts_from=date(2000 + number, 1, 1),
            accounts_until=date(2000 + number, 1, 1) + timedelta(days=draw(st.integers(0, 360))),
            opens_temporary=draw(st.booleans()),
        )
        for number, slug in enumerate(draw(SLUGS))
    ]
    components = [Component(panel=one, function=other, note=draw(note)) for one in panels for other in functions]
    looked_at = []
    for component in components[:2]:
        for probe in draw(st.lists(probes(), max_size=3, unique_by=lambda one: one.name)):
            probe.component = component
            looked_at.append(probe)
    return [*functions, *panels, *components, *looked_at]
