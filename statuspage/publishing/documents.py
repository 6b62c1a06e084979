"""What a reading audience offers to the publisher: documents made from a snapshot."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from statuspage.publishing.digests import digest
from statuspage.publishing.snapshot import Snapshot

FRESH = "public, max-age=10, stale-while-revalidate=60, stale-if-error=86400"
FOREVER = "public, max-age=31536000, immutable"
# Every public page has this notice, hidden: who serves old bytes shows it by replacing the one with the other.
STALE_HIDDEN = b'<p id="stale" class="callout" role="status" hidden>'
STALE_SHOWN = STALE_HIDDEN.replace(b" hidden>", b">")


@dataclass(frozen=True)
class Document:
    """One address. `inputs` is all that its bytes depend on; equal inputs are not rendered again.

    `later` is what it depends on as well, but nobody waits for: a post leaves to the next publication what differs
    in that alone, such as the moment that a page shows.

    `archived`: read rarely (a closed incident, an old month), so it stays on disk and leaves the memory to
    what the crowd reads. `framed`: other sites may show it in a frame.
    """

    path: str
    media_type: str
    inputs: Any
    render: Callable[[], bytes]
    cache: str = FRESH
    cross_origin: bool = False
    archived: bool = False
    framed: bool = False
    later: Any = None

    @property
    def fingerprint(self) -> str:
        """Names what its bytes are made of; what stands after the `@` is what can wait."""
        # One word for all that is short: thousands of documents are looked at for each that is rendered.
        kind = f"{self.media_type} {self.cache} {self.cross_origin} {self.archived} {self.framed}"
        return f"{digest((kind, self.inputs)).hex()}@{digest(self.later).hex()}"


@dataclass(frozen=True)
class Shelf:
    """Documents that stay as they are while `inputs` do: then nobody even lists them.

    `inputs` is all that the list and each document on it are made of; no two have one name.
    """

    name: str
    inputs: Any
    documents: Callable[[], Iterable[Document]]


Library = Callable[[Snapshot], Iterable[Document | Shelf]]
