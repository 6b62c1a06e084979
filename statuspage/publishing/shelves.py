"""What a publisher knows of its shelves from the last time, so that it need not look through all of them."""

from collections.abc import Mapping

from statuspage.publishing.digests import digest
from statuspage.publishing.documents import Shelf
from statuspage.publishing.pages import Page


class Shelves:
    """By name: what a shelf was made of, and the fingerprints of its pages by their paths."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[bytes, dict[str, str]]] = {}

    def pages(self, shelf: Shelf, build: str, before: Mapping[str, Page]) -> dict[str, Page] | None:
        """The pages of a shelf that are out already; None if it must be looked through."""
        of, prints = self._known.get(shelf.name, (b"", {}))
        if of != digest((build, shelf.inputs)):
            return None
        pages = {path: before[path] for path in prints if path in before}
        # Another process may have published something else meanwhile.
        same = len(pages) == len(prints) and all(page.entry.fingerprint == prints[path] for path, page in pages.items())
        return pages if same else None

    def remember(self, shelf: Shelf, build: str, pages: Mapping[str, Page]) -> None:
        """All pages of a shelf, none of which failed."""
        prints = {path: page.entry.fingerprint for path, page in pages.items()}
        self._known[shelf.name] = digest((build, shelf.inputs)), prints
