"""An update as the page of its incident would show it, before it is published."""

from collections.abc import Sequence

from markupsafe import Markup

from statuspage.public import contents
from statuspage.publishing.samples import Rehearsed, Sample, Teller
from statuspage.web.pages import Pages


def teller(pages: Pages) -> Teller:
    """Tells an update as its place on the incident's page."""

    def tell(locale: str, rehearsed: Rehearsed) -> Sequence[Sample]:
        snapshot, incident = rehearsed.snapshot, rehearsed.incident
        ledgers = (rehearsed.ledger,) if rehearsed.ledger else ()
        html = pages.render(
            locale,
            "public/sample.html",
            incident=incident,
            told=rehearsed.update,
            promises=contents.current(ledgers, snapshot),
            names=contents.names(snapshot),
        )
        link = f"{snapshot.brand.base_url}{pages.href('incident', locale, incident.public_id)}"
        return [Sample(incident.title.read(locale).text, Markup(html), link, incident.panels)]  # noqa: S704  # a template's output

    return tell
