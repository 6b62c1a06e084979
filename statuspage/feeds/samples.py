"""The entries that an update would add to the feeds, before it is published."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from statuspage.feeds.entries import entry
from statuspage.feeds.news import News, of_ledger, of_update
from statuspage.publishing.samples import Rehearsed, Sample, Teller
from statuspage.web.pages import Pages


def teller(pages: Pages) -> Teller:
    """Tells an update, and the promise that comes with it, as entries."""

    def tell(locale: str, rehearsed: Rehearsed) -> Sequence[Sample]:
        return [_sample(pages, locale, rehearsed, item) for item in _news(rehearsed)]

    return tell


def _news(rehearsed: Rehearsed) -> Iterator[News]:
    yield of_update(rehearsed.incident, rehearsed.update)
    if rehearsed.ledger is not None:
        yield [one for one in of_ledger(rehearsed.snapshot, rehearsed.ledger) if one.kind == "promise"][-1]


def _sample(pages: Pages, locale: str, rehearsed: Rehearsed, item: News) -> Sample:
    made = entry(pages, locale, rehearsed.snapshot, item)
    html = Markup(made.html)  # noqa: S704  # a template's output
    return Sample(made.title, html, made.link, item.panels)
