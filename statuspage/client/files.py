"""Sends a file so that it can be gone on with: a bookmark beside it says how far it was taken."""

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from .lines import Source
from .remote import REPORTS, Client
from .results import LineError, Result


@dataclass(frozen=True)
class Bookmark:
    """How far a file was taken by whom; `sha256` is that of all bytes before `offset`."""

    target: str
    offset: int
    sha256: str
    result: Result

    def save(self, path: Path) -> None:
        """All or nothing, so that a kill at any moment leaves the last one or this one."""
        beside = path.with_name(f"{path.name}.new")
        beside.write_text(json.dumps(asdict(self)), encoding="utf-8")
        beside.replace(path)

    def fits(self, source: Source, target: str) -> bool:
        """Whether the file begins with what was sent; the source then stands behind it."""
        source.skip(self.offset)
        return self.target == target and source.offset == self.offset and source.hash.hexdigest() == self.sha256


def read_bookmark(path: Path) -> Bookmark | None:
    """The bookmark, or None where there is none that can be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        errors = [LineError(**one) for one in found["result"].pop("errors")]
        return Bookmark(**{**found, "result": Result(**found["result"], errors=errors)})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def bookmark_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.push")


def push_file(
    client: Client,
    path: Path,
    *,
    what: str = REPORTS,
    resume: bool = False,
    on_part: Callable[[Result], None] = lambda result: None,
) -> Result:
    """Send a file of lines. With `resume` it goes on where a killed run was, or begins anew when the file changed.

    The bookmark is `FILE.push`; it goes when all is sent. `on_part` is told where it begins, and after each part.
    """
    mark, target = bookmark_of(path), f"{client.address}/{what}"
    bookmark = read_bookmark(mark) if resume else None
    with path.open("rb") as file:
        source, result = Source(file), Result()
        if bookmark is not None and bookmark.fits(source, target):
            result = bookmark.result
        elif bookmark is not None:
            file.seek(0)
            source = Source(file)

        on_part(result)

        def keep(done: Result) -> None:
            done.bytes = source.offset
            with suppress(OSError):  # a folder that takes no file: the load is worth more than going on with it
                Bookmark(target, source.offset, source.hash.hexdigest(), done).save(mark)
            on_part(done)

        client.push(source, what=what, result=result, on_part=keep)
    with suppress(OSError):
        mark.unlink()
    return result
