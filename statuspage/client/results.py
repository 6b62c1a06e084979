"""What became of the lines that were sent."""

from dataclasses import dataclass, field
from typing import Any

COUNTS = ("applied", "unchanged", "stale", "rejected")
MOST_ERRORS = 1000


@dataclass(frozen=True)
class LineError:
    """Why a line was rejected; `line` is its number in all that was sent, from 1."""

    line: int
    path: str
    reason: str


@dataclass
class Result:
    """The counts of all parts so far; at most the first 1,000 errors are kept."""

    applied: int = 0
    unchanged: int = 0
    stale: int = 0
    rejected: int = 0
    lines: int = 0
    bytes: int = 0
    errors: list[LineError] = field(default_factory=list)

    def add(self, answer: dict[str, Any], lines: int, size: int) -> None:
        """Take the answer to the next part of so many lines; its errors are numbered within the part."""
        for name in COUNTS:
            setattr(self, name, getattr(self, name) + int(answer[name]))
        for one in answer["errors"][: MOST_ERRORS - len(self.errors)]:
            self.errors.append(LineError(self.lines + int(one["line"]), str(one["path"]), str(one["reason"])))
        self.lines += lines
        self.bytes += size


def is_tally(answer: Any) -> bool:
    """Whether a document of the server counts lines, as an answer to reports does."""
    return isinstance(answer, dict) and all(type(answer.get(one)) is int for one in COUNTS) and "errors" in answer
