"""A notice on top of the published pages while there is no database, made from their bytes.

A version with a notice is one like any other, so whoever serves the folder shows it. Its pages bear other
fingerprints than what they were made from; the next publication out of the database begins from what lies beneath.
"""

import json
from collections.abc import Mapping
from dataclasses import replace

from statuspage import clock
from statuspage.errors import RuleBroken
from statuspage.publishing.documents import STALE_HIDDEN, STALE_SHOWN
from statuspage.publishing.pages import Entry, Page, compressed, etag_of
from statuspage.publishing.store import Store, Version

MARK = "notice-"
NOW = "/now.json"


def show(store: Store, notice: Mapping[str, str]) -> Version:
    """Publish what is published again, with a notice (HTML by locale, the default first) in the place of any before.

    Closed incidents and old months stay as they are: few read them, and they are many. Raises `RuleBroken` where
    nothing was ever published here.
    """
    with store.writing():
        return _publish(store, notice, store.follow())


def withdraw(store: Store) -> Version:
    """Publish the pages as they were before the notice. Raises `RuleBroken` where there is none."""
    with store.writing():
        version = store.follow()
        if not version.facts.notice:
            raise RuleBroken("no notice is shown, so there is nothing to withdraw")
        return _publish(store, {}, version)


def beneath(version: Version, locale: str, body: bytes) -> bytes:
    """A page that was made just now, for one reader, under the notice that all others bear."""
    block = version.facts.notice.get(locale)
    return body.replace(STALE_HIDDEN, block.encode() + STALE_SHOWN) if block else body


def _publish(store: Store, notice: Mapping[str, str], before: Version) -> Version:
    if not before.name:
        raise RuleBroken("nothing was published here yet, so there is no page to put a notice on")
    # "Hurried" asks whoever publishes next to do so at once.
    facts = replace(before.facts, notice=dict(notice), hurried=True)
    pages = {path: _told(path, page, notice) for path, page in without_notice(before).items()}
    return store.write(facts, pages, (store.versions / before.name / "snapshot.json").read_bytes())


def _told(path: str, page: Page, notice: Mapping[str, str]) -> Page:
    if not notice:
        return page
    if path == NOW:
        # Open pages look at this digest: when it moves, they fetch themselves again.
        told = json.loads(page.body())
        told["content"] += f"-{MARK}{etag_of(json.dumps(notice).encode())}"
        return _rewritten(page, json.dumps(told, ensure_ascii=False).encode(), MARK + page.entry.fingerprint)
    if not _bears_notices(page.entry):
        return page
    block = notice[_locale_of(path, notice)].encode()
    # The page is not being refreshed either, which it says as it always does.
    body = page.body().replace(STALE_HIDDEN, block + STALE_SHOWN)
    return _rewritten(page, body, MARK + page.entry.fingerprint)


def without_notice(version: Version) -> Mapping[str, Page]:
    """The pages as they were before the notice on them, if there is one."""
    notice = version.facts.notice
    return {path: _plain(path, page, notice) for path, page in version.pages.items()} if notice else version.pages


def _plain(path: str, page: Page, notice: Mapping[str, str]) -> Page:
    if not page.entry.fingerprint.startswith(MARK):
        return page
    fingerprint = page.entry.fingerprint.removeprefix(MARK)
    if path == NOW:
        told = json.loads(page.body())
        told["content"] = told["content"].partition(f"-{MARK}")[0]
        return _rewritten(page, json.dumps(told, ensure_ascii=False).encode(), fingerprint)
    block = notice[_locale_of(path, notice)].encode()
    return _rewritten(page, page.body().replace(block + STALE_SHOWN, STALE_HIDDEN), fingerprint)


def _bears_notices(entry: Entry) -> bool:
    return entry.media_type == "text/html" and not entry.archived


def _locale_of(path: str, notice: Mapping[str, str]) -> str:
    """The default locale has no folder of its own."""
    default, *others = notice
    return next((locale for locale in others if path.startswith(f"/{locale}/")), default)


def _rewritten(page: Page, body: bytes, fingerprint: str) -> Page:
    bodies = compressed(page.entry.media_type, body)
    sizes = {encoding: len(one) for encoding, one in bodies.items()}
    modified = clock.wall().replace(microsecond=0).isoformat()
    entry = replace(page.entry, etag=etag_of(body), sizes=sizes, fingerprint=fingerprint, modified=modified)
    return Page(entry, bodies)
