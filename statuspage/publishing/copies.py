"""A plain copy of the published site, for a web server elsewhere or the origin of a CDN."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from statuspage.errors import RuleBroken
from statuspage.publishing.pages import SUFFIX, Page
from statuspage.publishing.store import Version

RECORD = ".published.json"
NOT_OURS = "that folder holds files of somebody else: name an empty one, or one that was published into before"


def copy(version: Version, folder: Path) -> int:
    """Bring `folder` to what is published: each file appears whole, what is gone goes last. Returns files written.

    A reader of the folder may see a new page beside an old one for a moment, never half a page.
    """
    before = _known(folder)
    wanted = {name: page.entry.etag for name, page, _ in _files(version.pages)}
    written = 0
    # Assets and JSON first, so that no page names what is not there yet.
    for name, page, encoding in sorted(_files(version.pages), key=lambda one: one[1].entry.media_type == "text/html"):
        if before.get(name) != page.entry.etag or not (folder / name).exists():
            _put(folder / name, page.body(encoding), page.modified_at)
            written += 1
    for name in before.keys() - wanted.keys():
        (folder / name).unlink(missing_ok=True)
    _put(folder / RECORD, json.dumps(wanted).encode())
    return written


def _known(folder: Path) -> dict[str, str]:
    if (folder / RECORD).exists():
        found: dict[str, str] = json.loads((folder / RECORD).read_bytes())
        return found
    if folder.exists() and any(folder.iterdir()):
        raise RuleBroken(NOT_OURS)
    return {}


def _files(pages: Mapping[str, Page]) -> list[tuple[str, Page, str]]:
    return [
        (path.lstrip("/") + ("index.html" if path.endswith("/") else "") + SUFFIX[encoding], page, encoding)
        for path, page in pages.items()
        for encoding in page.entry.sizes
    ]


def _put(place: Path, body: bytes, at: float | None = None) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    fresh = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        fresh.write_bytes(body)
        if at is not None:
            os.utime(fresh, (at, at))
        fresh.replace(place)
    finally:
        fresh.unlink(missing_ok=True)
