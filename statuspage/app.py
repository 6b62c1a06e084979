"""The app factory: introduces the audiences, the publisher and the store to one another."""

import signal
import threading
from datetime import timedelta

import structlog
from flask import Flask, Response, request
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from statuspage import __version__, api, clock, db, feeds, models, personal, public, staff
from statuspage.errors import Unavailable
from statuspage.front import Front, Hosts, Proxies, Watch
from statuspage.listening import listen
from statuspage.publishing.actions import Publisher
from statuspage.publishing.jobs import keep_up
from statuspage.publishing.store import Store
from statuspage.publishing.views import Brand
from statuspage.settings import Settings, load
from statuspage.web import arguments, headers, limits, logging, policy, problems
from statuspage.web.assets import Assets
from statuspage.web.pages import Pages, build_id
from statuspage.web.site import Site

MAX_BODY = 1024 * 1024
# Programs report many times a second; a person who posts is never made to wait for them.
BETWEEN_REPORTS = 2.0
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
log = structlog.get_logger()


def create_app(settings: Settings | None = None) -> Flask:
    """The web application. Opens no database, starts no thread: see `serve`."""
    settings = settings or load()
    app = Flask("statuspage", static_folder=None, template_folder=None)
    app.config.update(SECRET_KEY=settings.secret, MAX_CONTENT_LENGTH=MAX_BODY)
    db.connect(app, settings.database)
    app.extensions["statuspage"] = site = assemble(settings)
    arguments.install(app)
    headers.install(app, https=settings.base_url.startswith("https"))
    limits.install(app, settings.limiter_url)
    problems.install(app, error_page)
    policy.enforce(
        app,
        {"staff": staff.guard, "session": staff.session_guard, "token": api.guard, "personal": personal.guard},
    )
    for audience in (public, personal, api, staff):
        audience.register(app)
    _publish_after_writes(app, site)
    app.wsgi_app = layer(app, site)  # type: ignore[method-assign]  # Flask's documented hook
    return app


def layer(app: Flask, site: Site) -> Front:
    """What answers before Flask: the published bytes."""
    addresses = app.url_map.bind("")

    def knows(path: str) -> bool:
        try:
            return addresses.test(path) or addresses.test(path, "POST")
        except HTTPException:
            return False

    chosen = site.settings
    hosts, proxies = Hosts(chosen.base_url, chosen.staff_host), Proxies(chosen.trusted_proxies)
    return Front(app.wsgi_app, Watch(site.store), chosen.locales, hosts, knows, proxies=proxies)


def error_page(status: int, message: str) -> str:
    """The page of an error, as the audience of its address draws it."""
    if request.path.startswith("/staff/"):
        return staff.error_page(status, message)
    return public.error_page(status, message)


def assemble(settings: Settings) -> Site:
    """The parts of a site; used by the web processes, the worker and the commands alike."""
    assets = Assets()
    pages = Pages(settings.locales, settings.zone, assets)
    store = Store(settings.published)
    libraries = [audience(pages) for audience in (public.library, feeds.library, api.library)]
    publisher = Publisher(store, brand(settings), libraries, build_id(__version__, assets))
    tellers = {"page": public.teller(pages), "feed": feeds.teller(pages)}
    return Site(settings, assets, pages, store, publisher, tellers)


def brand(settings: Settings) -> Brand:
    return Brand(
        name=settings.brand_name,
        accent=settings.brand_accent,
        support_contact=settings.support_contact,
        base_url=settings.base_url,
        locales=settings.locales,
        time_zone=settings.time_zone,
    )


def _publish_after_writes(app: Flask, site: Site) -> None:
    """Whoever commits a public change publishes it, so no view can forget to."""

    @app.after_request
    def publish(response: Response) -> Response:
        if request.method in CHANGING and response.status_code < 400:
            rest = BETWEEN_REPORTS if request.path.startswith("/api/v1/recovery/") else 0.0
            if not site.publisher.catch_up(rest):
                response.headers["X-Publishing"] = "pending"
        return response


def tell_time(app: Flask, site: Site) -> None:
    """Learn the story time from the database, or from the last snapshot when that is gone."""
    try:
        with app.app_context(), db.reading() as session:
            seconds = session.scalar(select(db.Site.story_offset_seconds)) or 0.0
    except Unavailable:
        snapshot = site.store.snapshot()
        seconds = snapshot.story_offset_seconds if snapshot else 0.0
    clock.tell_story(timedelta(seconds=seconds))


def serve() -> Flask:
    """What a web server loads: the app, with what is published in memory and followed."""
    # A SIGTERM while a forked worker imports the app would be swallowed by the parent's handler.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    settings = load()
    # Without this a foreign server would log tracebacks with the values of local variables: passwords, tokens.
    logging.configure(settings.log_level, settings.log_format)
    app = create_app(settings)
    site: Site = app.extensions["statuspage"]
    assert isinstance(app.wsgi_app, Front)
    app.wsgi_app.watch.follow(threading.Event())
    tell_time(app, site)
    keep_published(app, site)
    return app


def keep_published(app: Flask, site: Site) -> None:
    """Start the threads of a web process that see to it that its pages stay fresh, whoever else is dead."""
    heard, stop = threading.Event(), threading.Event()

    def keep() -> None:
        with app.app_context():
            keep_up(site.publisher, heard, stop, site.pages.warm)

    def hear() -> None:
        with app.app_context():
            listen(db.db.engine, heard, stop)

    for name, run in (("keep-published", keep), ("listen", hear)):
        threading.Thread(target=run, name=name, daemon=True).start()


__all__ = ["assemble", "create_app", "models", "serve", "tell_time"]
