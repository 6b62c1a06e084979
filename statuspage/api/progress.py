"""The public progress of the restoration as JSON."""

from collections.abc import Iterator
from dataclasses import asdict
from functools import partial

from statuspage.api.values import dumps
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.recovery.rules.forwarding import ForwardingView
from statuspage.recovery.rules.progress import SizeView, StageView
from statuspage.web.pages import Pages

PATH = "/api/v1/recovery/progress"


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    inputs = (snapshot.stages, snapshot.forwarding, snapshot.sizes)
    yield Document(PATH, "application/json", inputs, partial(render, *inputs), cross_origin=True)


def render(stages: tuple[StageView, ...], forwarding: tuple[ForwardingView, ...], sizes: tuple[SizeView, ...]) -> bytes:
    """Restored n of N per panel and stage, the queues, and how N changed. Counts below 20 are null."""
    panels = [{**asdict(one), "share": one.share and round(one.share, 4)} for one in stages]
    steps = [
        {"panel": one.panel, "size": one.size, "at": one.at, "cause": one.cause, "reason": one.reason} for one in sizes
    ]
    return dumps({"stages": panels, "forwarding": [asdict(one) for one in forwarding], "sizes": steps})
