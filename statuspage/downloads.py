"""Files to take away: CSV of which no spreadsheet runs a cell, or lines of JSON."""

import csv
import io
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

# A spreadsheet takes what begins with one of these for a formula, and runs it.
LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class Format(StrEnum):
    """How a file can be had; its ending."""

    CSV = "csv"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        return "text/csv" if self is Format.CSV else "application/x-ndjson"


def inert(cell: object) -> object:
    """A cell that stays text in a spreadsheet, whatever somebody has put into it."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(LIVE) else cell


def plain(cell: str) -> str:
    """What stood in a cell before it was made inert."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(LIVE) else cell


def sheet(rows: Iterable[Iterable[object]]) -> bytes:
    """Rows of CSV, each cell inert."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([inert(cell) for cell in row] for row in rows)
    return text.getvalue().encode()


def json_lines(rows: Iterable[Mapping[str, object]]) -> bytes:
    """A line of JSON a row."""
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows).encode()
