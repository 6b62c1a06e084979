"""Stores what was seen, and draws the conclusions: standings, outages and their ends."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.db import Site, touch
from statuspage.errors import Invalid, NotFound, RuleBroken
from statuspage.i18n import noop
from statuspage.panels.models import Component
from statuspage.probing import guard, outages
from statuspage.probing.kinds import faults
from statuspage.probing.models import OutageHit, Probe, ProbeResult
from statuspage.probing.queries import old_results, without_outage
from statuspage.probing.rules import Kind, Verdict, Wish, hour_of
from statuspage.probing.turns import HELD, MOVE, Seen, Turn, as_row, moved, turn_of


def store(session: Session, seen: Sequence[Seen]) -> int:
    """Keep the results that are new for their slot and move the standings. Returns how many verdicts changed.

    Truth is unique(probe, slot): what another worker stored already changes nothing.
    """
    ids = sorted({one.probe_id for one in seen})
    locked = select(Probe.id).where(Probe.id.in_(ids)).order_by(Probe.id).with_for_update(of=Probe)
    known = set(session.scalars(locked))
    fresh = _insert(session, {(one.probe_id, one.slot): one for one in seen if one.probe_id in known})
    impaired_from = session.scalar(select(Site.impaired_from))
    _count_again(session, fresh)
    changed = sum(_conclude(session, batch, impaired_from) for batch in _in_turn(fresh))
    if changed:
        touch(session)
    return changed


def _count_again(session: Session, seen: Sequence[Seen]) -> None:
    """A result for an hour that is counted already came late: its hour is counted anew."""
    earliest = {one.probe_id: one.slot for one in reversed(seen)}
    counted = select(Probe.id, Probe.counted_until).where(Probe.id.in_(earliest), Probe.counted_until.is_not(None))
    for probe_id, until in session.execute(counted):
        if until is not None and earliest[probe_id] < until:
            late = update(Probe).where(Probe.id == probe_id)
            session.execute(late.values(counted_until=hour_of(earliest[probe_id])))


def _insert(session: Session, seen: Mapping[tuple[int, int], Seen]) -> list[Seen]:
    """Keep what is new for its probe and slot. Returns just that, the oldest slots first."""
    if not seen:
        return []
    insert: Any = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    wanted = insert(ProbeResult).on_conflict_do_nothing(index_elements=["probe_id", "slot"])
    # In one order in all workers, or two of them lock each other out.
    rows = [as_row(seen[key]) for key in sorted(seen)]
    new = session.execute(wanted.returning(ProbeResult.probe_id, ProbeResult.slot), rows)
    return sorted((seen[row.probe_id, row.slot] for row in new), key=lambda one: one.slot)


def _in_turn(seen: Sequence[Seen]) -> Iterator[dict[int, Seen]]:
    """At most one result of each probe at a time: mostly that is all."""
    waiting = list(seen)
    while waiting:
        batch: dict[int, Seen] = {}
        later = [one for one in waiting if batch.setdefault(one.probe_id, one) is not one]
        yield batch
        waiting = later


def _conclude(session: Session, batch: Mapping[int, Seen], impaired_from: datetime | None) -> int:
    """Move the standings of many probes at once. Returns how many of them a reader would see."""
    found = select(*HELD).join(Probe.component).where(Probe.id.in_(batch))
    # By panel: outages queue at its row, and of two workers that take them in different order one would be refused.
    rows = session.execute(found.order_by(Component.panel_id, Probe.id))
    turns = [turn for row in rows if (turn := turn_of(row, batch[row.id], impaired_from))]
    if turns:
        # Rows that this session holds already are not told of it.
        session.connection().execute(MOVE, [moved(turn) for turn in turns])
    _begin_and_end(session, turns)
    return sum(turn.shows for turn in turns)


def _begin_and_end(session: Session, turns: Sequence[Turn]) -> None:
    fell = {one.seen.probe_id: one for one in turns if one.is_down and not one.was_down}
    back = [one.seen.probe_id for one in turns if one.was_down and not one.is_down]
    if fell and back:
        outages.queue(session, [*fell, *back])
    if fell:
        silence = outages.Silence(session, max(one.seen.at for one in fell.values()))
        probes = outages.probes_at(session, fell)
        heard = {key: turn for key, turn in fell.items() if not silence.covers(probes[key].component_id, turn.seen.at)}
        outages.begin(session, {key: turn.after.since or turn.seen.at for key, turn in heard.items()})
    outages.end(session, back)


def begin_late_outages(session: Session, now: datetime) -> int:
    """Begin the outages of probes that fell during planned work and are still down after it. Returns how many."""
    silence = outages.Silence(session, now)
    fallen = {}
    for probe in without_outage(session, lock=True):
        since = probe.verdict_since or now
        if not silence.covers(probe.component_id, now):
            fallen[probe.id] = now if silence.covers(probe.component_id, since) else since
    outages.begin(session, fallen)
    return len(fallen)


def note_uplink(session: Session, impaired_from: datetime | None, now: datetime) -> bool:
    """Write down that our own network is cut since then, or (`None`) works. Whether that was news."""
    site = session.scalars(select(Site).with_for_update()).one()
    was_cut = site.impaired_from is not None and site.impaired_until is None
    if was_cut == (impaired_from is not None):
        return False
    if impaired_from is None:
        site.impaired_until = now
    else:
        site.impaired_from, site.impaired_until = impaired_from, None
    touch(session)
    return True


def beat(session: Session, token_hash: bytes, now: datetime) -> bool:
    """Note that a heartbeat came. False when nobody knows the token."""
    known = update(Probe).where(Probe.token_hash == token_hash, Probe.enabled).values(beat_at=now)
    return session.execute(known.returning(Probe.id)).scalar() is not None


def forget_old(session: Session, now: datetime, limit: int = 5000) -> int:
    """Delete raw results past their time that are in the hour rows, a batch at a time. Returns how many."""
    found = session.execute(old_results(now).limit(limit)).all()
    # Each probe's oldest lie side by side: a range a probe is many times cheaper than naming each row.
    for probe_id, last in {row.probe_id: row.slot for row in found}.items():
        session.execute(delete(ProbeResult).where(ProbeResult.probe_id == probe_id, ProbeResult.slot <= last))
    return len(found)


def create(session: Session, component_id: int, wish: Wish, allow: tuple[guard.Network, ...], actor: Actor) -> Probe:
    """A new probe on a component. Raises `Invalid` with each field that is wrong."""
    _check(wish, allow)
    if session.get(Component, component_id) is None:
        raise NotFound(noop("There is no such component."))
    now = clock.now()
    begun = hour_of(int(now.timestamp()))
    probe = Probe(component_id=component_id, created_at=now, counted_until=begun, **_fields(wish))
    session.add(probe)
    session.flush()
    record(session, actor, "probe.create", f"probe:{probe.id}", after=_told(wish))
    return probe


def edit(session: Session, probe_id: int, wish: Wish, allow: tuple[guard.Network, ...], actor: Actor) -> Probe:
    """Change a probe. What it is held to be stays until new results say otherwise."""
    _check(wish, allow)
    probe = _locked(session, probe_id)
    for name, value in _fields(wish).items():
        setattr(probe, name, value)
    if not wish.enabled:
        _let_go(session, probe)
    record(session, actor, "probe.edit", f"probe:{probe.id}", after=_told(wish))
    return probe


def switch_off(session: Session, probe_id: int, actor: Actor) -> None:
    """Look no more, whatever is kept of it: also where it would no longer be allowed."""
    probe = _locked(session, probe_id)
    probe.enabled = False
    _let_go(session, probe)
    record(session, actor, "probe.edit", f"probe:{probe.id}", after={"enabled": False})


def _locked(session: Session, probe_id: int) -> Probe:
    probe = session.get(Probe, probe_id, with_for_update={"of": Probe})
    if probe is None:
        raise NotFound(noop("There is no such probe."))
    return probe


def _let_go(session: Session, probe: Probe) -> None:
    """Nobody looks any more, so nobody can see it return."""
    if probe.verdict is Verdict.DOWN:
        probe.verdict, probe.verdict_since, probe.streak = Verdict.UNKNOWN, clock.now(), 0
        outages.end(session, [probe.id])


def remove(session: Session, probe_id: int, actor: Actor) -> None:
    """Forget a probe and its results. One that has been counted in an outage stays, as it is part of the story."""
    if session.scalar(select(OutageHit.id).where(OutageHit.probe_id == probe_id).limit(1)) is not None:
        raise RuleBroken(noop("This probe has been counted in an outage: switch it off instead."))
    gone = delete(Probe).where(Probe.id == probe_id).returning(Probe.name)
    name = session.execute(gone).scalar()
    if name is None:
        raise NotFound(noop("There is no such probe."))
    record(session, actor, "probe.remove", f"probe:{probe_id}", before={"name": name})


def new_token(session: Session, probe_id: int, actor: Actor) -> str:
    """A fresh token for a heartbeat; the old one is dead. Only its hash is kept: this is the one time to see it."""
    token = secrets.token_urlsafe(24)
    known = update(Probe).where(Probe.id == probe_id, Probe.kind == Kind.HEARTBEAT)
    if session.execute(known.values(token_hash=hash_token(token)).returning(Probe.id)).scalar() is None:
        raise NotFound(noop("There is no such heartbeat."))
    record(session, actor, "probe.new_token", f"probe:{probe_id}")
    return token


def hash_token(token: str) -> bytes:
    """Long and random, so a plain hash is enough."""
    return hashlib.sha256(token.encode()).digest()


def _check(wish: Wish, allow: tuple[guard.Network, ...]) -> None:
    found = faults(wish, allow)
    if found:
        raise Invalid(noop("The probe was not saved. Please look at its fields."), found)


def _fields(wish: Wish) -> dict[str, Any]:
    return {**vars(wish), "expect": dict(wish.expect)}


def _told(wish: Wish) -> dict[str, Any]:
    """For the audit log: an address may hold a secret in its query."""
    told = {"name": wish.name, "kind": wish.kind, "target": wish.target.partition("?")[0], "enabled": wish.enabled}
    return {**told, "gateway": wish.gateway, "publishes_itself": wish.publishes_itself}
