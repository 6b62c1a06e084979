"""A publisher with a library that counts what it renders."""

import pytest

from statuspage.publishing.actions import Publisher
from statuspage.web.site import Site
from tests.publishing.offers import Offer


@pytest.fixture
def offer() -> Offer:
    return Offer()


@pytest.fixture
def publisher(site: Site, offer: Offer) -> Publisher:
    return Publisher(site.store, site.publisher.brand, [offer], "build-1")
