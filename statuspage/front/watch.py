"""Keeps memory in step with the published folder, and knows how long nothing new came."""

import threading
import time

from statuspage.publishing.store import Store, Version

FOLLOW_EVERY = 0.1
# Three publications missed: they come every 30 seconds while somebody publishes.
STALE_AFTER = 90.0


class Watch:
    """Follows a store; a reader's request asks neither the disk nor the clock of the machine."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.stale = False
        self._name = ""
        self._since = time.monotonic()

    def look(self) -> None:
        """Follow the link once, and judge the age of what it names."""
        version = self.store.follow()
        now = time.monotonic()
        if version.name != self._name:
            # What appears before our eyes is new; what was found at the start may be old already.
            self._since = now if self._name else now - _age(version)
            self._name = version.name
        self.stale = bool(version.name) and now - self._since > STALE_AFTER

    def age(self) -> float:
        """Seconds since the version in memory was laid down."""
        return time.monotonic() - self._since

    def follow(self, stop: threading.Event) -> threading.Thread:
        """Start the thread that looks ten times a second."""

        def watch() -> None:
            while not stop.wait(FOLLOW_EVERY):
                self.look()

        self.look()
        thread = threading.Thread(target=watch, name="follow-published", daemon=True)
        thread.start()
        return thread


def _age(version: Version) -> float:
    """Seconds since it was laid down; a clock that was set back makes nothing older."""
    return max(0.0, time.time() - version.laid_at)
