"""Raw results of a probe as CSV or NDJSON, read a page at a time, so that any number takes little memory."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from enum import StrEnum

from statuspage.db import reading
from statuspage.probing.models import ProbeResult
from statuspage.probing.queries import results_after
from statuspage.probing.rules import PHASES

PAGE = 1000
HEAD = ("at", "slot", "ok", "degraded", "total_ms", *(f"{phase}_ms" for phase in PHASES), "error")
# A spreadsheet takes what begins with one of these for a formula.
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
Row = dict[str, str | int | float | bool | None]


class Format(StrEnum):
    """How results can be had; the ending of the file."""

    CSV = "csv"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        return "text/csv" if self is Format.CSV else "application/x-ndjson"


def lines(probe_id: int, form: Format) -> Iterator[bytes]:
    """All results of a probe, the oldest first; each page in a short read of its own."""
    if form is Format.CSV:
        yield _csv([HEAD])
    for page in _pages(probe_id):
        if form is Format.CSV:
            yield _csv([[inert(value) for value in row.values()] for row in page])
        else:
            yield "".join(f"{json.dumps(row)}\n" for row in page).encode()


def inert(value: object) -> object:
    """A cell that stays text in a spreadsheet, whatever a target has put into our words."""
    return f"'{value}" if isinstance(value, str) and value.startswith(LIVE) else value


def _pages(probe_id: int) -> Iterator[list[Row]]:
    slot = -1
    while True:
        with reading() as session:
            page = [_row(one) for one in results_after(session, probe_id, slot, PAGE)]
        if not page:
            return
        yield page
        slot = int(page[-1]["slot"] or 0)


def _row(one: ProbeResult) -> Row:
    at = one.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    phases = (getattr(one, phase) for phase in PHASES)
    return dict(zip(HEAD, (at, one.slot, one.ok, one.degraded, one.total_ms, *phases, one.error), strict=True))


def _csv(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
