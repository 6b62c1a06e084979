"""The site that the faults happen to: written, published, and run as real processes."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from sqlalchemy import select

from statuspage import db
from statuspage.app import create_app
from statuspage.audit.actions import SYSTEM
from statuspage.commands.database import bring_up
from statuspage.incidents.models import IncidentUpdate
from statuspage.settings import load
from statuspage.tokens.actions import create
from tests import scenes
from tests.processes import Running, free_port, get, running, until
from tests.staff.desks import person
from tests.survival.people import EMAIL, Browser


@dataclass
class Place:
    """A site in a folder of its own: the four panels, the fire, one editor and one program."""

    folder: Path
    url: str
    public: Path
    token: str = ""

    @property
    def is_sqlite(self) -> bool:
        return self.url.startswith("sqlite")

    @property
    def database(self) -> Path:
        """The file of an SQLite database."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def environment(self) -> dict[str, str]:
        return {"STATUSPAGE_DATABASE_URL": self.url, "STATUSPAGE_PUBLIC_DIR": str(self.public)}

    def running(self, *words: str, **more: str) -> AbstractContextManager[Running]:
        return running(self.folder, *words, **self.environment, **more)

    @contextmanager
    def app(self) -> Iterator[Flask]:
        """The site's app in this very process, for what a test writes past the servers."""
        app = create_app(load(instance_dir=self.folder / "instance", database_url=self.url, public_dir=self.public))
        with app.app_context():
            try:
                yield app
            finally:
                db.db.engine.dispose()

    @contextmanager
    def serving(self, *words: str, **more: str) -> Iterator[tuple[Running, int]]:
        """`statuspage run` or `web` on a free port, once it answers with the page."""
        port = free_port()
        with self.running(*words, "--port", str(port), **more) as one:
            until(lambda: (found := get(port)) is not None and found[0] == 200, 30)
            assert one.process.poll() is None, one.said()
            yield one, port

    def editor(self, port: int) -> Browser:
        """The editor's browser, signed in."""
        editor = Browser(port)
        editor.sign_in()
        return editor


def found(place: Place) -> Place:
    """Write the site and publish it."""
    with place.app() as app:
        bring_up(app)
        with db.transaction() as session:
            scenes.fire(session, scenes.panels(session))
            scopes = ["recovery:read", "recovery:write"]
            place.token = create(session, name="job", scopes=scopes, expires_at=None, actor=SYSTEM)
        person(EMAIL)
        app.extensions["statuspage"].publisher.publish()
    return place


def tell_next() -> int:
    """Write the next number into the fire's last update, in the present app; returns the number."""
    with db.transaction() as session:
        update = session.scalars(
            select(IncidentUpdate).order_by(IncidentUpdate.sequence.desc()).with_for_update()
        ).first()
        assert update is not None
        said = update.body.by_locale["pl"].removeprefix("Numer ").removesuffix(".")
        number = int(said) + 1 if said.isdigit() else 1
        update.body = scenes.told(f"Numer {number}.", f"Numer {number}.")
        return number


def shows(port: int, words: str) -> bool:
    """Whether the page has these words."""
    answer = get(port)
    return answer is not None and words in answer[2].decode()
