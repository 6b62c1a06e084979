"""One YAML document, read strictly and with the line of each place, and written for people.

Read is what YAML and JSON have in common: mappings, lists, texts, numbers, true, false, null. No anchors, aliases or
tags, so nothing grows and nothing is made; no key twice; `no`, `12:30` and `010` are texts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from statuspage.errors import Invalid
from statuspage.web.gate import clean

Place = tuple[int | str, ...]
MOST_BYTES = 16 * 1024 * 1024
DEEPEST = 20
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})", re.ASCII)
NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{0,30})?(?:[eE][-+]?[0-9]{1,2})?", re.ASCII)
WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
# The parser in C where there is one: twenty times as fast.
PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotReadable(Exception):
    """What cannot be read, where, and what to do."""

    def __init__(self, line: int, reason: str, place: Place = ()) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason
        self.place = place


@dataclass(frozen=True)
class Tree:
    """A document, and the line on which each of its places begins."""

    data: Any
    lines: dict[Place, int]

    def line(self, pointer: str) -> int:
        """The line of a place (RFC 6901), or of what it would stand in."""
        parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
        named = {tuple(map(str, place)): line for place, line in self.lines.items()}
        return next((named[key] for end in range(len(parts), -1, -1) if (key := tuple(parts[:end])) in named), 1)


def read(source: bytes) -> Tree:
    """The document. Raises `NotReadable`."""
    if len(source) > MOST_BYTES:
        raise NotReadable(1, "the file is larger than 16 MiB: split it")
    try:
        events = iter(yaml.parse(source.decode("utf-8-sig"), Loader=PARSER))
        return _Reading(events).document()
    except UnicodeDecodeError as error:
        raise NotReadable(source[: error.start].count(b"\n") + 1, "the file is not UTF-8: save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise NotReadable(mark.line + 1 if mark else 1, f"this is not YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        line = source.decode("utf-8-sig")[: error.position].count("\n") + 1
        raise NotReadable(line, "has control characters or broken Unicode: remove them") from None


class _Reading:
    def __init__(self, events: Iterator[Any]) -> None:
        self.events = events
        self.lines: dict[Place, int] = {}

    def document(self) -> Tree:
        next(self.events)
        if isinstance(next(self.events), yaml.StreamEndEvent):
            raise NotReadable(1, "the file is empty")
        data = self._value(next(self.events), ())
        next(self.events)
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            raise NotReadable(after.start_mark.line + 1, "a second document begins here: keep one in a file")
        return Tree(data, self.lines)

    def _value(self, event: Any, place: Place) -> Any:
        line = event.start_mark.line + 1
        self.lines.setdefault(place, line)
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise NotReadable(line, "anchors and aliases (& and *) are not read here: write it out", place)
        if event.tag not in (None, "!"):
            raise NotReadable(line, "tags (!) are not read here: leave it out", place)
        if len(place) > DEEPEST:
            raise NotReadable(line, "is nested too deeply", place)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(place)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._list(place)
        words = _clean(event.value, line, place)
        return plain(words) if event.implicit[0] else words

    def _mapping(self, place: Place) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            line = event.start_mark.line + 1
            if not isinstance(event, yaml.ScalarEvent) or event.anchor or event.tag not in (None, "!"):
                raise NotReadable(line, "a key must be a plain word", place)
            key = _clean(event.value, line, place)
            if key in found:
                raise NotReadable(line, f"the key {key} stands twice: keep one of them", (*place, key))
            self.lines[*place, key] = line
            found[key] = self._value(next(self.events), (*place, key))
        return found

    def _list(self, place: Place) -> list[Any]:
        found: list[Any] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            found.append(self._value(event, (*place, len(found))))
        return found


def _clean(words: str, line: int, place: Place) -> str:
    try:
        return clean(words)
    except Invalid as error:
        raise NotReadable(line, error.fields[0].reason, place) from None


def plain(words: str) -> Any:
    """What a word without quotes stands for."""
    if words in WORDS:
        return WORDS[words]
    if WHOLE.fullmatch(words):
        return int(words)
    return float(words) if NUMBER.fullmatch(words) else words


class _Writing(yaml.SafeDumper):  # type: ignore[misc]  # PyYAML has no types
    """Lists stand inside their key, texts of several lines as they are."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: FBT001, FBT002  # PyYAML's
        super().increase_indent(flow, indentless=False)

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(writing: yaml.SafeDumper, words: str) -> Any:
    style = "|" if "\n" in words else None if isinstance(plain(words), str) else '"'
    return writing.represent_scalar("tag:yaml.org,2002:str", words, style=style)


_Writing.add_representer(str, _text)


def write(data: Any) -> str:
    """The document, in the order given."""
    written: str = yaml.dump(data, Dumper=_Writing, sort_keys=False, allow_unicode=True, width=110)
    return written
