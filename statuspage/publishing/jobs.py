"""Publishes by time: when somebody wrote, or when the passing of time changes what is true."""

import threading
from collections.abc import Callable
from contextlib import suppress

import structlog

from statuspage.errors import Unavailable
from statuspage.publishing.actions import Publisher
from statuspage.publishing.store import Version
from statuspage.publishing.waking import Ear, is_awake, listening

LOOK_EVERY = 1.0
WORKER_LOOKS_EVERY = 0.25
# Whoever just posted, or another process, publishes sooner than that.
COURTESY = 0.5
# A worker of this machine that lives does it; one that was stopped or hangs is not waited for longer.
TRUST = 5.0
# At a start the worker is still on its way; a web process that publishes once keeps what it composed in memory.
SETTLING = 5.0
log = structlog.get_logger()


def publish_when_due(publisher: Publisher, is_called: Callable[[], bool] = lambda: False) -> bool:
    """Publish if it is due. Returns whether it was. Raises `Unavailable` while the database is gone.

    Leaves what it renders ahead for later as soon as it `is_called`.
    """
    before = publisher.store.follow()
    if not publisher.is_due():
        return False

    def is_out(version: Version) -> bool:
        return version.name != before.name and not publisher.is_overtaken(version)

    try:
        with publisher.store.preparing() as ours:
            if publisher.is_overtaken(before) and not (ours and publisher.prepare(is_called)):
                return False  # somebody renders the same just now, or calls for something more urgent
            publisher.publish(unless=is_out, is_called=is_called)
    except TimeoutError:  # another process is publishing: the next look finds its version or its own turn
        return False
    return True


def publish_for_all(publisher: Publisher, stop: threading.Event) -> None:
    """What a worker does until `stop`: publish at once when a writer of this machine calls, else when it is due."""
    with listening(publisher.store.folder) as ear:
        _again_and_again(lambda: _listen_and_publish(publisher, ear), stop)


def _listen_and_publish(publisher: Publisher, ear: Ear) -> None:
    if ear.hears(WORKER_LOOKS_EVERY):
        ear.forget()
        with suppress(TimeoutError):  # another process is publishing: the next look finds its version or its own turn
            publisher.publish_latest()
    else:
        publish_when_due(publisher, ear.hears)


def keep_up(
    publisher: Publisher, heard: threading.Event, stop: threading.Event, warm: Callable[[], object] = lambda: None
) -> None:
    """What a web process does until `stop`: publish what nobody else on this machine publishes.

    So a machine without a worker has fresh pages too, and one whose worker died goes on. `heard` is set when
    somebody committed elsewhere; without it, a look a second will do. Where there is no worker, it makes ready
    for that with `warm`, which costs memory.
    """

    def look() -> None:
        heard.wait(LOOK_EVERY)
        heard.clear()
        _fill_in(publisher, stop)

    stop.wait(SETTLING if publisher.store.follow().name else 0)
    if not is_awake(publisher.store.folder):
        warm()
    _again_and_again(look, stop)


def _fill_in(publisher: Publisher, stop: threading.Event) -> None:
    """Publish what is due, unless somebody else does when given the time."""
    if not publisher.is_due():
        return
    before = publisher.store.follow()
    awake = is_awake(publisher.store.folder)
    if not stop.wait(TRUST if awake else COURTESY) and not (awake and publisher.store.follow().name != before.name):
        publish_when_due(publisher)


def _again_and_again(look: Callable[[], object], stop: threading.Event) -> None:
    """Look until `stop`; a failure is logged once until it works again."""
    failing = False
    while not stop.is_set():
        try:
            look()
            failing = False
        except Unavailable as error:
            _note_once(failing, reason=error.message)
            failing = True
        except Exception as error:  # noqa: BLE001  # a thread that ends here would leave the page to grow old
            _note_once(failing, reason=repr(error), exc_info=error)
            failing = True


def _note_once(known: bool, **what: object) -> None:  # noqa: FBT001  # said in the lines above
    if not known:
        log.error("publish.failed", **what)
