"""Writes the scenario's ledger of estimates."""

from collections import defaultdict
from datetime import datetime
from itertools import zip_longest

from sqlalchemy.orm import Session

from statuspage.demo.story import Row, midnight, read, short, stable_id, until
from statuspage.estimates.models import Estimate
from statuspage.estimates.rules import Closing, Confidence, Precision, Subject
from statuspage.texts.rules import texts


def write(session: Session, now: datetime) -> None:
    """Every promise said by `now`; a later one about the same subject supersedes the earlier."""
    ledgers: defaultdict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in until(read("estimates")["estimates"], now, "said_at"):
        ledgers[row["subject_kind"], row["subject_id"]].append(row)
    for ledger in ledgers.values():
        before: Estimate | None = None
        for row, successor in zip_longest(ledger, ledger[1:]):
            promise = _promise(row, now)
            if successor and promise.closing is None:
                promise.closing, promise.closed_at = Closing.SUPERSEDED, successor["said_at"]
            if before is not None and before.closing is Closing.SUPERSEDED:
                promise.supersedes_id = before.id
            session.add(promise)
            session.flush()
            before = promise


def _promise(row: Row, now: datetime) -> Estimate:
    precision = Precision(row["precision"])
    exact = precision is Precision.INSTANT
    closed = row["closed"] if "closed" in row and row["closed"]["at"] <= now else None
    return Estimate(
        uuid=stable_id("estimate", row["subject_kind"], row["subject_id"], row["said_at"].isoformat()),
        subject_kind=Subject(row["subject_kind"]),
        subject_id=row["subject_id"],
        precision=precision,
        starts_at=row["from"] if exact else midnight(row["from"]),
        ends_at=row["until"] if exact else midnight(row["until"], after=True),
        source=texts(row["source"]),
        quote=short(row.get("quote")),
        link=row.get("link"),
        confidence=Confidence(row["confidence"]),
        said_at=row["said_at"],
        recorded_at=row["said_at"],
        closed_at=closed["at"] if closed else None,
        closing=Closing(closed["as"]) if closed else None,
    )
