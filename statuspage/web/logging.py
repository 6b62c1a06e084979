"""How we log: one line an event on stderr, as text or JSON, never with a reader's token in it."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Addresses that hold a secret: what follows is masked.
SECRET_PATHS = re.compile(r"(/recovery/a/|/heartbeats/|/subscriptions/|/staff/sign-in/)[^/?\s'\"]+")


def configure(level: str, form: str) -> None:
    """Set up structlog and the standard library's loggers alike."""
    number = logging.getLevelNamesMapping()[level]
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            mask,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, force=True)


def mask(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A token in an address is a key to somebody's page: keep it out of the log."""
    for key, value in event.items():
        if isinstance(value, str):
            event[key] = SECRET_PATHS.sub(r"\1…", value)
    return event
