"""What every command shares: settings or one line that says what is wrong, the app, its site."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import click
from flask import Flask

from statuspage import db, errors
from statuspage.app import create_app, tell_time
from statuspage.settings import Settings, WrongSetting, load
from statuspage.web.site import Site


def settings() -> Settings:
    """The checked settings, or the end of the command."""
    try:
        return load()
    except WrongSetting as wrong:
        fail(str(wrong))


def fail(message: str, code: int = 1) -> NoReturn:
    """One line that says what is wrong and how to mend it."""
    click.echo(f"statuspage: {message}", err=True)
    sys.exit(code)


@contextmanager
def app_context() -> Iterator[tuple[Flask, Site]]:
    """The app and its site, in story time; domain errors end the command with one line."""
    app = create_app(settings())
    site: Site = app.extensions["statuspage"]
    with app.app_context():
        try:
            tell_time(app, site)
            yield app, site
        except errors.DomainError as error:
            fail(error.message)
        finally:
            # Processes forked afterwards must not share these connections.
            db.db.engine.dispose()
