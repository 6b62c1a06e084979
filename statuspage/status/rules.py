"""Which of the sources of a component's status wins."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from statuspage.panels.rules import Status, worst


class Source(StrEnum):
    """Who says so."""

    OVERRIDE = "override"
    INCIDENT = "incident"
    PROBE = "probe"
    MAINTENANCE = "maintenance"
    NONE = "none"


@dataclass(frozen=True)
class Claim:
    """What one source says of a component: `reference` is an incident's public id, a probe's name …"""

    source: Source
    status: Status
    since: datetime | None = None
    reference: str | None = None


NOBODY = Claim(Source.NONE, Status.OPERATIONAL)


def effective(claims: Sequence[Claim]) -> Claim:
    """The claim that is shown: an override if set, else the worst. Maintenance silences probes, never an incident.

    An incident that says `operational` asserts nothing against a red probe, as the worst wins.
    Equal claims: the one in the order incident, probe, maintenance; then the oldest.
    """
    overrides = [claim for claim in claims if claim.source is Source.OVERRIDE]
    if overrides:
        return overrides[0]
    planned = any(claim.source is Source.MAINTENANCE for claim in claims)
    heard = [claim for claim in claims if not (planned and claim.source is Source.PROBE)]
    top = worst([claim.status for claim in heard])
    speaking = [claim for claim in heard if claim.status is top]
    return min(speaking, key=_precedence, default=NOBODY)


def _precedence(claim: Claim) -> tuple[int, float]:
    return list(Source).index(claim.source), claim.since.timestamp() if claim.since else 0.0


def of_panel(cells: Sequence[tuple[Status, bool]]) -> Status:
    """A panel's status from its components' (status, is the function key).

    Down when a key function is, or all are; limited when one is partial or down; else the worst.
    """
    statuses = [status for status, _ in cells]
    if not statuses:
        return Status.UNKNOWN
    if all(status is Status.MAJOR for status in statuses) or (Status.MAJOR, True) in cells:
        return Status.MAJOR
    return min(worst(statuses), Status.PARTIAL, key=lambda status: status.severity)
