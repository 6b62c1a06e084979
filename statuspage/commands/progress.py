"""A bar on a terminal, plain lines elsewhere: how far a load has come, how fast, and how long it will take."""

import shutil
import sys
import time

import click

from statuspage.client import Result

WIDTH = 24
LINE_EVERY = 5.0


class Meter:
    """Tells of a load on stderr; `total` is the size of the file in bytes, where it is known."""

    def __init__(self, total: int | None, *, quiet: bool) -> None:
        self.total = total
        self.quiet = quiet
        self.bar = sys.stderr.isatty()
        self.lines = 0
        self._began = self._told = time.monotonic()
        self._from: tuple[int, int] | None = None
        self._drawn = False

    def show(self, result: Result) -> None:
        """So far it has come; the first call says where this run begins."""
        if self._from is None:
            self._from, self._began = (result.lines, result.bytes), time.monotonic()
            return
        self.lines = result.lines
        if self.bar:
            self._draw(self.words(result))
        elif not self.quiet and time.monotonic() - self._told >= LINE_EVERY:
            self._told = time.monotonic()
            click.echo(self.words(result), err=True)

    def words(self, result: Result) -> str:
        seconds = max(time.monotonic() - self._began, 0.001)
        lines, size = self._from or (0, 0)
        known = f"{result.lines:,} lines, {(result.lines - lines) / seconds:,.0f}/s, {result.rejected:,} rejected"
        if not self.total or result.bytes <= size:
            return known
        left = seconds * max(0, self.total - result.bytes) / (result.bytes - size)
        share = min(1.0, result.bytes / self.total)
        filled = round(WIDTH * share)
        bar = f"[{'#' * filled}{'.' * (WIDTH - filled)}] " if self.bar else ""
        return f"{bar}{share:.0%}, {known}, {int(left // 60)}:{int(left % 60):02} left"

    def wait(self, reason: str, seconds: float) -> None:
        """The server is away or busy."""
        if self.bar:
            self._draw(f"{reason}; again in {seconds:.1f} s")
        elif not self.quiet:
            click.echo(f"{reason}; again in {seconds:.1f} s", err=True)

    def _draw(self, words: str) -> None:
        width = shutil.get_terminal_size().columns
        click.echo(f"\r{words[: width - 1]:<{width - 1}}", nl=False, err=True)
        self._drawn = True

    def end(self) -> None:
        """Leave the bar's line."""
        if self._drawn:
            click.echo(err=True)
            self._drawn = False
