"""What one reader sees of their own account and says to us: never published, never cached."""

from flask import Flask

from statuspage.personal import account, choices, link, opinions, requests
from statuspage.personal.key import guard

__all__ = ["guard", "register"]


def register(app: Flask) -> None:
    locales = app.extensions["statuspage"].settings.locales
    for pages in (account, choices, link, opinions, requests):
        for locale in locales:
            pages.register(app, locale)
