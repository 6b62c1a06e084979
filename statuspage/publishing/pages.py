"""One document as finished bytes: compressed once, named by its content, in memory or on disk."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli

from statuspage import clock
from statuspage.publishing.documents import Document

COMPRESSIBLE = (
    "text/",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "application/rss+xml",
    "image/svg+xml",
)
# What fits into one packet anyway gains nothing, and would cost two more files.
SMALLEST_TO_COMPRESS = 1024
SUFFIX = {"identity": "", "gzip": ".gz", "br": ".br"}
# Archived bodies that memory holds at a time: about 4 MB of compressed pages.
SHELF = 256


@dataclass(frozen=True, slots=True)
class Entry:
    """What a manifest says of one document; `sizes` are the bytes of each encoding that lies on disk."""

    media_type: str
    cache: str
    cross_origin: bool
    archived: bool
    framed: bool
    etag: str
    modified: str
    fingerprint: str
    sizes: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        # dataclasses.asdict copies as it goes, which of thousands of entries takes half a second.
        return {name: getattr(self, name) for name in self.__slots__}


@dataclass(frozen=True, slots=True)
class Page:
    """One document, ready to be sent in any encoding of `entry.sizes`.

    `bodies` are what memory holds, `place` is its uncompressed file once it lies on disk.
    """

    entry: Entry
    bodies: Mapping[str, bytes] = field(repr=False)
    place: str = ""

    @property
    def modified_at(self) -> float:
        """When its bytes last changed, in seconds of machine time."""
        return datetime.fromisoformat(self.entry.modified).timestamp()

    def body(self, encoding: str = "identity") -> bytes:
        """The bytes in one encoding. Raises `FileNotFoundError` when an archived page was swept meanwhile."""
        if encoding in self.bodies:
            return self.bodies[encoding]
        if encoding == "identity" and "gzip" in self.bodies:
            return gzip.decompress(self.bodies["gzip"])
        return from_shelf(self.place + SUFFIX[encoding])


@lru_cache(maxsize=SHELF)
def from_shelf(place: str) -> bytes:
    """A file of a published folder: these never change, so no entry is ever stale."""
    return Path(place).read_bytes()


def finished(
    document: Document, fingerprint: str, body: bytes, before: Page | None = None, modified: datetime | None = None
) -> Page:
    """A document's bytes with their compressed variants and a strong ETag from the content.

    The same bytes as `before` are not compressed again and keep the time of their last change; others were
    `modified` in machine time, now where that is not given.
    """
    digest = etag_of(body)
    if before is not None and (before.entry.etag, before.entry.media_type) == (digest, document.media_type):
        bodies, sizes, changed = before.bodies, before.entry.sizes, before.entry.modified
    else:
        bodies = compressed(document.media_type, body)
        sizes = {encoding: len(one) for encoding, one in bodies.items()}
        changed = (modified or clock.wall()).replace(microsecond=0).isoformat()
    entry = Entry(
        media_type=document.media_type,
        cache=document.cache,
        cross_origin=document.cross_origin,
        archived=document.archived,
        framed=document.framed,
        etag=digest,
        modified=changed,
        fingerprint=fingerprint,
        sizes=sizes,
    )
    same = before is not None and bodies is before.bodies
    return Page(entry, bodies, before.place if before is not None and same else "")


def compressed(media_type: str, body: bytes) -> dict[str, bytes]:
    """The body in all encodings that are worth their bytes."""
    bodies = {"identity": body}
    if media_type.startswith(COMPRESSIBLE) and len(body) >= SMALLEST_TO_COMPRESS:
        bodies["gzip"] = gzip.compress(body, 6, mtime=0)
        bodies["br"] = brotli.compress(body, quality=5)
    return bodies


def etag_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:24]


def kept_in_memory(entry: Entry, place: str) -> Mapping[str, bytes]:
    """The bodies of a page that lies at `place`, as memory holds them: nothing twice, nothing that few read.

    Raises `ValueError` where the file is not what was published.
    """
    if entry.archived:
        return {}
    whole = Path(place).read_bytes()
    if etag_of(whole) != entry.etag:
        raise ValueError(f"{place} is not what was published")
    held = [encoding for encoding in entry.sizes if encoding != "identity"]
    bodies = {encoding: Path(place + SUFFIX[encoding]).read_bytes() for encoding in held}
    if any(len(body) != entry.sizes[encoding] for encoding, body in bodies.items()):
        raise ValueError(f"{place} is not what was published")
    return bodies or {"identity": whole}
