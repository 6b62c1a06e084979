"""Sets up the probes that look at the fake panels."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.demo.places import Places
from statuspage.demo.props import Prop, Props, ports
from statuspage.panels.models import Panel
from statuspage.panels.rules import Status
from statuspage.probing.actions import hash_token
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind, Verdict
from statuspage.status.queries import effective_now

INTERVAL = 2
BEAT_INTERVAL = 3
BEAT_GRACE = 4
SEEN_SINCE = timedelta(hours=6)
# What is looked at on each panel: the function, how, and how often.
WATCHED = (("login", Kind.HTTP), ("api", Kind.TCP), ("import-orders", Kind.HEARTBEAT))


def write(session: Session, places: Places, now: datetime) -> None:
    """Three probes a panel, all content. A panel that has no servers at all has nothing to be looked at."""
    stands = effective_now(session, now)
    for panel in sorted({one.panel.slug for one in places.values()}):
        if stands[places[f"{panel}.login"].id].status is not Status.MAJOR:
            session.add_all(_probe(places, panel, function, kind, now) for function, kind in WATCHED)
    session.flush()


def _probe(places: Places, panel: str, function: str, kind: Kind, now: datetime) -> Probe:
    pushed = kind is Kind.HEARTBEAT
    return Probe(
        component=places[f"{panel}.{function}"],
        name=f"{panel} {function}",
        kind=kind,
        expect={"grace": BEAT_GRACE} if pushed else {},
        interval=BEAT_INTERVAL if pushed else INTERVAL,
        timeout=1.5,
        down_after=1 if pushed else 2,
        up_after=1 if pushed else 2,
        created_at=now - SEEN_SINCE,
        verdict=Verdict.UP,
        verdict_since=now - SEEN_SINCE,
        streak=2,
        streak_from=now - SEEN_SINCE,
        last_result_at=now,
    )


def aim(session: Session, props: Props) -> dict[str, Prop]:
    """Point the probes at the fake panels' ports of this start, and give their heartbeats new keys."""
    panels = session.scalars(select(Panel.slug).order_by(Panel.position)).all()
    placed = _placed(panels, props.panels())
    for probe in session.scalars(select(Probe)):
        prop = placed[probe.component.panel.slug]
        if probe.name != f"{probe.component.panel.slug} {probe.component.function.slug}":
            continue  # one that somebody added
        if probe.kind is Kind.HEARTBEAT:
            probe.token_hash = hash_token(prop.beat)
            # The web server takes its time to start: what has not begun to beat is not missed yet.
            probe.beat_at = None
        else:
            probe.target = prop.login if probe.kind is Kind.HTTP else prop.api
    props.keep(placed)
    return placed


def _placed(panels: Iterable[str], before: dict[str, Prop]) -> dict[str, Prop]:
    known = {slug: before.get(slug) for slug in panels}
    wanted = [port for one in known.values() for port in ((one.web_port, one.api_port) if one else (0, 0))]
    found = ports(wanted)
    pairs = zip(found[::2], found[1::2], strict=True)
    return {slug: Prop(web, api, secrets.token_urlsafe(24)) for slug, (web, api) in zip(known, pairs, strict=True)}
