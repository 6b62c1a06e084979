"""The public JSON as documents."""

from collections.abc import Iterator

from statuspage.api import compatible, configuration, description, estimates, progress, uptime
from statuspage.publishing.documents import Document, Library
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.pages import Pages

PARTS = (compatible, progress, uptime, estimates, description, configuration)


def library(pages: Pages) -> Library:
    """All public JSON."""

    def documents(snapshot: Snapshot) -> Iterator[Document]:
        for part in PARTS:
            yield from part.documents(pages, snapshot)

    return documents
