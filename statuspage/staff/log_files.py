"""The audit log as a file: CSV that no spreadsheet runs, or lines of JSON from which the digests can be counted."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Row

from statuspage.audit.models import AuditEntry
from statuspage.audit.rules import document
from statuspage.downloads import Format, json_lines, sheet

COLUMNS = ("id", "at", "actor", "action", "subject", "before", "after", "address", "digest")
Page = Sequence[Row[AuditEntry, str]]


def lines(kind: Format, pages: Iterable[Page]) -> Iterator[bytes]:
    """The file, a page of entries at a time."""
    if kind is Format.CSV:
        yield sheet([COLUMNS])
    for page in pages:
        told = [{**document(entry), "digest": digest} for entry, digest in page]
        if kind is Format.CSV:
            yield sheet([[_cell(one[name]) for name in COLUMNS] for one in told])
        else:
            yield json_lines(told)


def _cell(value: Any) -> object:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
