"""Uptime as JSON: each panel's 90 days in one, by month and day by day, with the formula in words."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from statuspage.api.values import dumps
from statuspage.i18n import noop, translate
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import PanelView
from statuspage.texts.rules import Texts, texts
from statuspage.uptime.rules import Month, months
from statuspage.web.pages import Pages

PATH = "/api/v1/uptime"
FORMULA = noop(
    "Share of time in which functions worked: slower counts as working, in part as half, down as not working. "
    "Planned work and time without data are left out."
)


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    formula = texts({locale: translate(locale, FORMULA) for locale in pages.locales}, source=pages.locales[0])
    panels = [(panel.slug, panel.name, panel.uptime, panel.bars) for panel in snapshot.panels]
    inputs = (snapshot.brand.time_zone, formula, panels)
    render = partial(_render, snapshot.brand.time_zone, formula, snapshot.panels)
    yield Document(PATH, "application/json", inputs, render, cross_origin=True)


def _render(time_zone: str, formula: Texts, panels: tuple[PanelView, ...]) -> bytes:
    """A share is 0 … 1, or null when nobody looked; days begin at midnight in `time_zone`."""
    return dumps({"formula": formula, "time_zone": time_zone, "panels": [_panel(panel) for panel in panels]})


def _panel(panel: PanelView) -> dict[str, Any]:
    return {
        "panel": panel.slug,
        "name": panel.name,
        "ninety_days": {"share": _rounded(panel.uptime), "known_seconds": sum(bar.known for bar in panel.bars)},
        "months": [_month(month) for month in months(panel.bars)],
        "days": [
            {"day": bar.day, "share": _rounded(bar.up), "known_seconds": bar.known, "worst": bar.worst}
            for bar in panel.bars
        ],
    }


def _month(month: Month) -> dict[str, Any]:
    """A month as far as the 90 days reach: `from` and `until` say which of its days these are."""
    return {
        "month": f"{month.first:%Y-%m}",
        "from": month.first,
        "until": month.last,
        "share": _rounded(month.up),
        "known_seconds": month.known,
    }


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)
