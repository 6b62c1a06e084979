"""What the views of one app share: its settings, pages, store and publisher."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import current_app

from statuspage.errors import Unavailable
from statuspage.publishing.actions import Publisher
from statuspage.publishing.samples import Teller
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.store import Store
from statuspage.settings import Settings
from statuspage.web.assets import Assets
from statuspage.web.pages import Pages


@dataclass(frozen=True)
class Site:
    """The parts of one running site; `tellers` are the audiences that can show beforehand how they tell an update."""

    settings: Settings
    assets: Assets
    pages: Pages
    store: Store
    publisher: Publisher
    tellers: Mapping[str, Teller] = field(default_factory=dict)

    def snapshot(self) -> Snapshot:
        """What is published now. Raises `Unavailable` before the first publication."""
        found = self.store.snapshot()
        if found is None:
            raise Unavailable("Nothing has been published yet. Please try again in a few seconds.")
        return found


def site() -> Site:
    """The site of the current app."""
    found: Site = current_app.extensions["statuspage"]
    return found
