"""The audit log as a file: CSV that no spreadsheet runs, or lines of JSON from which the digests can be counted."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from statuspage.audit.models import AuditEntry
from statuspage.audit.rules import document
from statuspage.probing.exports import inert

COLUMNS = ("id", "at", "actor", "action", "subject", "before", "after", "address", "digest")
Page = Sequence[Row[AuditEntry, str]]


class Format(StrEnum):
    """How the log can be had; the ending of the file."""

    CSV = "csv"
    NDJSON = "ndjson"

    @property
    def media_type(self) -> str:
        return "text/csv" if self is Format.CSV else "application/x-ndjson"


def lines(kind: Format, pages: Iterable[Page]) -> Iterator[bytes]:
    """The file, a page of entries at a time."""
    if kind is Format.CSV:
        yield _sheet([COLUMNS])
    for page in pages:
        told = [{**document(entry), "digest": digest} for entry, digest in page]
        if kind is Format.CSV:
            yield _sheet([[_cell(one[name]) for name in COLUMNS] for one in told])
        else:
            yield "".join(f"{json.dumps(one, ensure_ascii=False)}\n" for one in told).encode()


def _cell(value: Any) -> object:
    return inert(json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value)


def _sheet(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
