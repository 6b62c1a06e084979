"""All promises as JSON: what is expected now, how often it slipped, what was said before and how it ended."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from statuspage.api.values import dumps
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import Ledger, PromiseView
from statuspage.web.pages import Pages

PATH = "/api/v1/estimates"


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    """One document. It depends on the time only through what is overdue."""
    overdue = tuple(one.current is not None and one.current.is_overdue(snapshot.as_of) for one in snapshot.ledgers)
    inputs = (snapshot.ledgers, overdue)
    yield Document(PATH, "application/json", inputs, partial(render, *inputs), cross_origin=True)


def render(ledgers: tuple[Ledger, ...], overdue: tuple[bool, ...]) -> bytes:
    """Each subject with its current promise (null: none is open) and all its promises, oldest first."""
    return dumps({"estimates": [_ledger(one, overdue=late) for one, late in zip(ledgers, overdue, strict=True)]})


def _ledger(ledger: Ledger, *, overdue: bool) -> dict[str, Any]:
    return {
        "subject": {"kind": ledger.kind, "id": ledger.subject},
        "current": _promise(ledger.current) if ledger.current else None,
        "slips": ledger.slips,
        "overdue": overdue,
        "promises": [_promise(one) for one in ledger.promises],
    }


def _promise(one: PromiseView) -> dict[str, Any]:
    return {
        "id": one.uuid,
        "precision": one.precision,
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "source": one.source,
        "quote": one.quote,
        "link": one.link,
        "confidence": one.confidence,
        "said_at": one.said_at,
        "recorded_at": one.recorded_at,
        "closing": one.closing,
        "closed_at": one.closed_at,
    }
