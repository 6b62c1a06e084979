"""The staff desk: one guard, forms with CSRF, never cached. Each module of pages has a `register(app)`."""

from flask import Flask

from statuspage.staff import (
    accounts,
    audit,
    backlog,
    choices,
    codes,
    confirming,
    door,
    estimates,
    factor,
    faq,
    home,
    incidents,
    maintenance,
    outlook,
    own,
    panels,
    preview,
    probes,
    protection,
    recovery,
    recovery_files,
    sessions,
    sizes,
    tokens,
    transfers,
    unsent,
)
from statuspage.staff.desk import error_page
from statuspage.staff.protection import guard, session_guard

# One line per module of pages; the menu is in desk.MENU.
PAGES = (
    door,
    codes,
    confirming,
    own,
    sessions,
    factor,
    home,
    incidents,
    outlook,
    unsent,
    estimates,
    maintenance,
    faq,
    panels,
    probes,
    recovery,
    recovery_files,
    sizes,
    transfers,
    choices,
    backlog,
    accounts,
    tokens,
    audit,
    preview,
)


def register(app: Flask) -> None:
    protection.install(app)
    for pages in PAGES:
        pages.register(app)


__all__ = ["error_page", "guard", "register", "session_guard"]
