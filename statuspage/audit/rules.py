"""What a chain of digests is made of, what is looked for in the log, and how before and after differ."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Protocol

START = ""


class Entry(Protocol):
    """What the rules know of an entry."""

    id: Any
    at: Any
    actor: Any
    action: Any
    subject: Any
    before: Any
    after: Any
    address: Any


class Fault(StrEnum):
    """What somebody did to a sealed entry behind our back."""

    CHANGED = "changed"
    DELETED = "deleted"
    INSERTED = "inserted"


@dataclass(frozen=True)
class Wanted:
    """What is looked for: actors by their own names or how they begin, how act and subject begin, from when to when."""

    actors: tuple[str, ...] = ()
    actor: str = ""
    action: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Change:
    """One value of a row: what it was and what it became; None where there was none."""

    name: str
    before: str | None
    after: str | None

    @property
    def differs(self) -> bool:
        return self.before != self.after


@dataclass
class Verdict:
    """What a look through the whole chain found; `last` is the digest to keep elsewhere."""

    sealed: int = 0
    unsealed: int = 0
    last: str = START
    fault: Fault | None = None
    entry: int | None = None
    unguarded: list[str] = field(default_factory=list)
    expected: bool | None = None

    @property
    def holds(self) -> bool:
        return self.fault is None and not self.unguarded and self.expected is not False


def document(entry: Entry) -> dict[str, Any]:
    """An entry as it is exported and sealed."""
    return {
        "id": entry.id,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
        "before": entry.before,
        "after": entry.after,
        "address": entry.address,
    }


def chained(before: str, told: Mapping[str, Any]) -> str:
    """The digest of an entry's document after the one `before` it: anybody can count it from an export again."""
    line = json.dumps(told, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{before}\n{line}".encode()).hexdigest()


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> list[Change]:
    """Value by value, what differs first."""
    old, new = (dict(_flat(facts)) if facts else {} for facts in (before, after))
    found = [Change(name, old.get(name), new.get(name)) for name in [*old, *(one for one in new if one not in old)]]
    return sorted(found, key=lambda one: not one.differs)


def _flat(value: Any, name: str = "") -> Iterator[tuple[str, str | None]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else str(key))
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{name}.{number}" if name else str(number))
    else:
        yield name, _words(value)


def _words(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return ", ".join(map(str, value)) if isinstance(value, list) else json.dumps(value, ensure_ascii=False)
