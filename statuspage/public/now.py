"""`/now.json`: the moment and a name for what is known, small enough for every open page to ask again and again."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial

from statuspage import i18n
from statuspage.panels.rules import worst
from statuspage.public.contents import names
from statuspage.public.sentences import headline
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.pages import Pages


def document(pages: Pages, snapshot: Snapshot) -> Document:
    """The bytes depend on the digest, which holds all that a reader can see, and on the moment."""
    path = pages.href("now", snapshot.brand.default_locale)
    inputs = (snapshot.digest, snapshot.as_of, snapshot.story_offset_seconds)
    return Document(path, "application/json", inputs, partial(_render, pages, snapshot), cross_origin=True)


def _render(pages: Pages, snapshot: Snapshot) -> bytes:
    published_at = snapshot.as_of - timedelta(seconds=snapshot.story_offset_seconds)
    keys = names(snapshot).keys
    told = {
        "as_of": _utc(snapshot.as_of),
        "time": i18n.clock_time(snapshot.brand.default_locale, snapshot.as_of, snapshot.brand.zone),
        "published_at": _utc(published_at),
        "content": snapshot.digest,
        "status": worst([panel.status for panel in snapshot.panels]),
        "headline": {locale: headline(locale, snapshot.panels, keys) for locale in pages.locales},
    }
    return json.dumps(told, ensure_ascii=False).encode()


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
