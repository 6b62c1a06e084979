"""When nobody publishes any more, the page says so: from its own bytes, without rendering."""

import gzip

import pytest
from flask.testing import FlaskClient

from statuspage.front import Front, Watch
from statuspage.front import watch as watching
from statuspage.publishing.documents import STALE_HIDDEN, STALE_SHOWN
from statuspage.publishing.store import Store
from statuspage.web.site import Site


@pytest.fixture
def watch(scene: Site, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """The app's own watch, with an age that tests may set."""
    layer = client.application.wsgi_app
    assert isinstance(layer, Front)
    layer.watch.look()
    return layer.watch


def grow_old(watch: Watch, seconds: float) -> None:
    watch._since -= seconds
    watch.look()


def test_a_page_that_is_not_refreshed_says_so(client: FlaskClient, watch: Watch) -> None:
    fresh = client.get("/")
    assert STALE_HIDDEN in fresh.data
    grow_old(watch, 80)
    assert client.get("/").data == fresh.data
    grow_old(watch, 20)
    stale = client.get("/")
    assert stale.data == fresh.data.replace(STALE_HIDDEN, STALE_SHOWN)
    assert stale.headers["ETag"] != fresh.headers["ETag"]
    assert stale.headers["Cache-Status"].startswith("statuspage; hit; ttl=-")
    assert "Warning" not in stale.headers
    assert stale.headers["Cache-Control"] == "public, max-age=5, stale-if-error=86400"
    assert gzip.decompress(client.get("/", headers={"Accept-Encoding": "gzip"}).data) == stale.data


def test_the_notice_goes_when_somebody_publishes_again(client: FlaskClient, watch: Watch, scene: Site) -> None:
    grow_old(watch, 200)
    assert STALE_SHOWN in client.get("/").data
    scene.publisher.publish()
    watch.look()
    fresh = client.get("/")
    assert STALE_HIDDEN in fresh.data
    assert "Cache-Status" not in fresh.headers


def test_json_and_feeds_stay_as_they_are_but_for_the_header(client: FlaskClient, watch: Watch) -> None:
    before = {path: client.get(path).data for path in ("/history.atom", "/api/v2/summary.json")}
    grow_old(watch, 200)
    for path, body in before.items():
        answer = client.get(path)
        assert answer.data == body
        assert "Cache-Status" in answer.headers


def test_a_reader_who_has_the_stale_page_gets_304(client: FlaskClient, watch: Watch) -> None:
    grow_old(watch, 200)
    etag = client.get("/").headers["ETag"]
    assert client.get("/", headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize(("moved", "stale"), [(-86400, False), (50, False), (600, True)])
def test_after_a_restart_the_age_is_that_of_the_folder_and_a_clock_set_back_makes_nothing_old(
    scene: Site, monkeypatch: pytest.MonkeyPatch, moved: float, stale: bool
) -> None:
    laid = scene.store.current.laid_at
    monkeypatch.setattr(watching.time, "time", lambda: laid + moved)
    again = Watch(Store(scene.store.folder))
    again.look()
    assert again.stale is stale


def test_a_clock_set_forward_while_we_watch_makes_nothing_old(
    scene: Site, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    scene.publisher.publish()
    laid = Store(scene.store.folder).follow().laid_at
    monkeypatch.setattr(watching.time, "time", lambda: laid + 3600)
    watch.look()
    assert not watch.stale
    grow_old(watch, 100)
    assert watch.stale


def test_before_the_first_publication_nothing_is_stale(site: Site) -> None:
    watch = Watch(site.store)
    grow_old(watch, 600)
    assert not watch.stale
