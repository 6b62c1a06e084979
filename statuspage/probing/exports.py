"""Raw results of a probe as CSV or NDJSON, read a page at a time, so that any number takes little memory."""

from collections.abc import Iterator

from statuspage.db import reading
from statuspage.downloads import Format, json_lines, sheet
from statuspage.probing.models import ProbeResult
from statuspage.probing.queries import results_after
from statuspage.probing.rules import PHASES

PAGE = 1000
HEAD = ("at", "slot", "ok", "degraded", "total_ms", *(f"{phase}_ms" for phase in PHASES), "error")
Row = dict[str, str | int | float | bool | None]


def lines(probe_id: int, form: Format) -> Iterator[bytes]:
    """All results of a probe, the oldest first; each page in a short read of its own."""
    if form is Format.CSV:
        yield sheet([HEAD])
    for page in _pages(probe_id):
        if form is Format.CSV:
            yield sheet(row.values() for row in page)
        else:
            yield json_lines(page)


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
