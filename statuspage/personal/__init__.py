"""Everything about one reader: never published, never cached."""

from flask import Flask

from statuspage.personal import account, link
from statuspage.personal.key import guard

__all__ = ["guard", "register"]


def register(app: Flask) -> None:
    locales = app.extensions["statuspage"].settings.locales
    for pages in (account, link):
        for locale in locales:
            pages.register(app, locale)
