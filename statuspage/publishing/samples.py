"""How a reading audience would tell an update before it is published: to show whoever writes it."""

import html
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import IncidentView, Ledger, UpdateView

TAG = re.compile(r"<[^>]+>")
ITEM = re.compile(r"<li[^>]*>\s*")
BREAKS = re.compile(r"\s*\n\s*")


@dataclass(frozen=True)
class Rehearsed:
    """What publishing an update would come to: the snapshot after it, and the ledger that it adds a promise to."""

    snapshot: Snapshot
    incident: IncidentView
    update: UpdateView
    ledger: Ledger | None = None


@dataclass(frozen=True)
class Sample:
    """One thing that readers of one language would get, as inert HTML; `panels` are those whose readers get it."""

    title: str
    html: Markup
    link: str
    panels: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The same without markup, for a mail or a chat."""
        words = html.unescape(TAG.sub("", ITEM.sub("- ", self.html)))
        lines = BREAKS.sub("\n", words).strip()
        return f"{self.title}\n\n{lines}\n\n{self.link}"


Teller = Callable[[str, Rehearsed], Sequence[Sample]]
