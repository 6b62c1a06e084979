"""Reports as a sheet (CSV): read by the rules of the API, written so that no spreadsheet runs what stands in a cell."""

import csv
import io
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from statuspage import downloads
from statuspage.errors import FieldError, Invalid
from statuspage.i18n import noop
from statuspage.recovery.rules.reports import Report
from statuspage.shapes import read_report
from statuspage.web.gate import clean

COLUMNS = ("account", "panel", "stage", "state", "done", "total", "sequence", "at", "reason")
NEEDED = COLUMNS[:-1]
NUMBERS = ("done", "total", "sequence")
MOST_LINES = 5_000
NO_COLUMNS = noop("The first line must name the columns: %(columns)s.")
TOO_MANY = noop("At most %(most)s lines at a time; `statuspage recovery push` sends more.")
BROKEN = noop("This is no CSV: look at the quotation marks near line %(line)s.")
TOO_MANY_CELLS = noop("has more cells than the first line has columns")


@dataclass
class Sheet:
    """What a file holds: the reports that are right, by line, and the faults of the others."""

    reports: list[tuple[int, Report]] = field(default_factory=list)
    faults: list[tuple[int, FieldError]] = field(default_factory=list)
    wrong: int = 0


def read(words: str, panels: Collection[str]) -> Sheet:
    """Read a sheet. Raises `Invalid` when it is none."""
    sheet = Sheet()
    first = words.partition("\n")[0]
    lines = csv.DictReader(io.StringIO(words, newline=""), delimiter=";" if ";" in first else ",", strict=True)
    try:
        if not set(NEEDED) <= set(lines.fieldnames or ()):
            raise _unreadable(NO_COLUMNS, columns=", ".join(COLUMNS))
        for number, row in enumerate(lines, 1):
            if number > MOST_LINES:
                raise _unreadable(TOO_MANY, most=MOST_LINES)
            _take(sheet, lines.line_num, row, panels)
    except csv.Error:
        raise _unreadable(BROKEN, line=lines.line_num) from None
    return sheet


def _unreadable(message: str, **values: object) -> Invalid:
    """A file that is no sheet of reports."""
    error = Invalid(message % values)
    error.template, error.values = message, values
    return error


def _take(sheet: Sheet, line: int, row: dict[Any, Any], panels: Collection[str]) -> None:
    try:
        sheet.reports.append((line, read_report(_document(row), panels)))
    except Invalid as error:
        sheet.wrong += 1
        sheet.faults += [(line, one) for one in error.fields]


def _document(row: dict[Any, Any]) -> dict[str, Any]:
    """The row as the API would get it: numbers as numbers, an empty reason left out."""
    if None in row:
        raise Invalid("Too many cells.", (FieldError.of("", TOO_MANY_CELLS),))
    found = {
        name: downloads.plain(clean(cell))
        for name, cell in row.items()
        if cell is not None and (cell or name != "reason")
    }
    return {name: int(cell) if name in NUMBERS and _is_number(cell) else cell for name, cell in found.items()}


def _is_number(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) <= 20


def row(report: Report) -> dict[str, Any]:
    """A report as the API takes it."""
    fields = {name: getattr(report, name) for name in COLUMNS}
    fields |= {"state": report.state.value, "at": report.at.isoformat()}
    return fields if report.reason else {name: value for name, value in fields.items() if name != "reason"}


def as_csv(reports: Iterator[Report]) -> Iterator[bytes]:
    """Lines of a sheet, the columns first."""
    yield downloads.sheet([COLUMNS])
    for report in reports:
        yield downloads.sheet([[str(row(report).get(name, "")) for name in COLUMNS]])


def as_lines(reports: Iterator[Report]) -> Iterator[bytes]:
    """Lines that `statuspage recovery push` sends."""
    return (downloads.json_lines([row(report)]) for report in reports)
