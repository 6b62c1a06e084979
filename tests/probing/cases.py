"""Probes for tests: on the panels of the scene, with results one interval apart."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.db import transaction
from statuspage.panels.models import Component, Function, Panel
from statuspage.probing.actions import store
from statuspage.probing.models import Probe
from statuspage.probing.rules import Kind, Look
from statuspage.probing.turns import Seen
from tests.scenes import panels

START = datetime(2021, 3, 10, 0, 47, tzinfo=UTC)


def component_id(session: Session, public_id: str) -> int:
    panel, function = public_id.split(".")
    found = select(Component.id).join(Component.panel).join(Component.function)
    return session.scalars(found.where(Panel.slug == panel, Function.slug == function)).one()


def with_probes(*public_ids: str, **fields: object) -> list[int]:
    """The four panels, and an HTTP probe on each of these components (every 10 s, down and up after 2)."""
    with transaction() as session:
        if session.scalar(select(Panel.id)) is None:
            panels(session)
        made = [
            Probe(
                **{
                    "component_id": component_id(session, public_id),
                    "name": f"probe of {public_id}",
                    "kind": Kind.HTTP,
                    "target": "http://127.0.0.1:1/",
                    "interval": 10,
                    "timeout": 5.0,
                    "created_at": START - timedelta(seconds=10),
                    **fields,
                }
            )
            for public_id in public_ids
        ]
        session.add_all(made)
        session.flush()
        return [probe.id for probe in made]


def saw(probe_id: int, *results: bool, first: int = 0, error: str = "HTTP 500") -> Sequence[Seen]:
    """Results of one probe, 10 s apart; `first` is the number of the first one."""
    moments = [START + timedelta(seconds=10 * number) for number in range(first, first + len(results))]
    return [
        Seen(probe_id, int(at.timestamp()), at, Look(ok, None if ok else error, total_ms=12.0))
        for at, ok in zip(moments, results, strict=True)
    ]


def stored(*seen: Seen) -> int:
    with transaction(quiet=True) as session:
        return store(session, seen)
