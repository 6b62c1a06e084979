"""A named pipe in the published folder: whoever wrote wakes the worker that publishes on this machine.

A pipe that nobody reads cannot be opened for writing, so it tells at the same time whether that worker lives.
"""

import os
import select
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

NAME = ".wake"
log = structlog.get_logger()


class Ear:
    """The worker's end of the pipe; None where none could be made, so that nobody is heard."""

    def __init__(self, pipe: int | None) -> None:
        self.pipe = pipe

    def hears(self, patience: float = 0.0) -> bool:
        """Whether somebody calls, now or within so many seconds; the call stays until `forget`."""
        pipes = [] if self.pipe is None else [self.pipe]
        return bool(select.select(pipes, [], [], patience)[0])

    def forget(self) -> None:
        """Take all calls so far as heard: what they are about is published next."""
        if self.pipe is not None:
            with suppress(BlockingIOError):
                os.read(self.pipe, 65536)


@contextmanager
def listening(folder: Path) -> Iterator[Ear]:
    """Be the one whom writers of this machine wake."""
    pipe = _opened(folder)
    try:
        yield Ear(pipe)
    finally:
        if pipe is not None:
            os.close(pipe)


def _opened(folder: Path) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.mkfifo(folder / NAME, 0o600)
        # For writing as well: else the pipe would be at its end whenever a writer closes it.
        return os.open(folder / NAME, os.O_RDWR | os.O_NONBLOCK)
    except OSError as error:  # a read-only folder, or a file system without pipes: then a look now and then must do
        log.warning("waking.impossible", folder=str(folder), error=error.strerror)
        return None


def wake(folder: Path, call: bytes = b"!") -> bool:
    """Call the worker of this machine. Whether there is one that could hear."""
    try:
        pipe = os.open(folder / NAME, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:  # no pipe, or nobody reads it
        return False
    try:
        with suppress(BlockingIOError):  # full of calls that it has not heard yet
            os.write(pipe, call)
    finally:
        os.close(pipe)
    return True


def is_awake(folder: Path) -> bool:
    """Whether a worker of this machine could hear."""
    return wake(folder, b"")
