"""Publishes by time: when somebody wrote, or when the passing of time changes what is true."""

import threading

import structlog

from statuspage.errors import Unavailable
from statuspage.publishing.actions import Publisher
from statuspage.publishing.store import Version

LOOK_EVERY = 1.0
# The worker of this machine, or whoever just posted, publishes sooner than that.
COURTESY = 0.5
# At a start the worker is still on its way; a web process that publishes once keeps what it composed in memory.
SETTLING = 5.0
log = structlog.get_logger()


def publish_when_due(publisher: Publisher) -> bool:
    """Publish if it is due. Returns whether it was. Raises `Unavailable` while the database is gone."""
    before = publisher.store.follow()
    if not publisher.is_due():
        return False

    def is_out(version: Version) -> bool:
        return version.name != before.name and not publisher.is_overtaken(version)

    try:
        with publisher.store.preparing() as ours:
            if publisher.is_overtaken(before):
                if not ours:
                    return False  # somebody renders the same just now
                publisher.prepare()
            publisher.publish(unless=is_out)
    except TimeoutError:  # another process is publishing: the next look finds its version or its own turn
        return False
    return True


def keep_up(publisher: Publisher, heard: threading.Event, stop: threading.Event) -> None:
    """What a web process does until `stop`: publish what nobody else on this machine publishes.

    So a machine without a worker has fresh pages too, and one whose worker died goes on. `heard` is set when
    somebody committed elsewhere; without it, a look a second will do.
    """
    failing = False
    stop.wait(SETTLING if publisher.store.follow().name else 0)
    while not stop.is_set():
        heard.wait(LOOK_EVERY)
        heard.clear()
        try:
            if publisher.is_due() and not stop.wait(COURTESY):
                publish_when_due(publisher)
            failing = False
        except Unavailable as error:
            _note_once(failing, reason=error.message)
            failing = True
        except Exception as error:  # noqa: BLE001  # a thread that ends here would leave the page to grow old
            _note_once(failing, reason=repr(error), exc_info=error)
            failing = True


def _note_once(known: bool, **what: object) -> None:  # noqa: FBT001  # said in the one line above
    if not known:
        log.error("keep_up.failed", **what)
