"""The public JSON as documents."""

from collections.abc import Iterator

from statuspage.api import compatible
from statuspage.publishing.documents import Document, Library
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.pages import Pages


def library(pages: Pages) -> Library:
    """All public JSON."""

    def documents(snapshot: Snapshot) -> Iterator[Document]:
        yield from compatible.documents(pages, snapshot)

    return documents
