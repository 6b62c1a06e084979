"""The JSON Schema of the configuration file, for editors and checks elsewhere."""

from collections.abc import Iterator

from statuspage import __version__
from statuspage.api.bodies import JSON
from statuspage.configuration.shapes import PATH, schema_text
from statuspage.publishing.documents import Document
from statuspage.publishing.snapshot import Snapshot
from statuspage.web.pages import Pages


def documents(pages: Pages, snapshot: Snapshot) -> Iterator[Document]:
    base_url = snapshot.brand.base_url
    yield Document(PATH, JSON, (__version__, base_url), lambda: schema_text(base_url).encode(), cross_origin=True)
