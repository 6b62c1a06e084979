"""Secrets of probes stand outside the file: `${NAME}` in it is taken from the environment.

`$${NAME}` stands for the very letters `${NAME}`.
"""

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from statuspage.errors import FieldError, Invalid

FIELDS = ("target", "headers", "body", "send")
REFERENCE = re.compile(r"(\$+)\{([A-Z][A-Z0-9_]*)\}")
HEADER = re.compile(r"^([^:\n]+)(:[ \t]*)(\S.*)$", re.MULTILINE)
# What these headers say is no secret.
OPEN = frozenset({"accept", "accept-language", "cache-control", "content-type", "origin", "referer", "user-agent"})
UNSET = "needs the variable {name}: set it in the environment, or write the value here"


def resolved(raw: Any, environment: Mapping[str, str]) -> Any:
    """The document with its references filled in. Raises `Invalid` with the place of each that is not set."""
    faults: list[FieldError] = []
    found = _filled(raw, environment, "", faults)
    if faults:
        raise Invalid("The environment lacks what the file refers to.", tuple(faults))
    return found


def _filled(raw: Any, environment: Mapping[str, str], path: str, faults: list[FieldError]) -> Any:
    if isinstance(raw, list):
        return [_filled(one, environment, f"{path}/{at}", faults) for at, one in enumerate(raw)]
    if isinstance(raw, dict):
        return {key: _filled(one, environment, f"{path}/{key}", faults) for key, one in raw.items()}
    if not isinstance(raw, str) or path.rpartition("/")[2] not in FIELDS:
        return raw
    unset = [name for dollars, name in REFERENCE.findall(raw) if dollars == "$" and name not in environment]
    faults += [FieldError(path, UNSET.format(name=name)) for name in unset]
    return REFERENCE.sub(lambda one: one[0][1:] if len(one[1]) > 1 else environment.get(one[2], ""), raw)


def escaped(words: str) -> str:
    """So that `resolved` gives these very words."""
    return REFERENCE.sub(lambda one: f"${one[0]}", words)


class Hiding:
    """Puts references in the place of secrets, each with a name of its own; counts them."""

    def __init__(self) -> None:
        self.names: Counter[str] = Counter()

    def hidden(self, probe: dict[str, Any], owner: str) -> dict[str, Any]:
        """The probe without its secrets; `owner` is what their names begin with."""
        return {**probe, **{field: self._field(owner, field, probe[field]) for field in FIELDS if field in probe}}

    def _field(self, owner: str, field: str, words: str) -> str:
        if field == "headers":
            return HEADER.sub(lambda line: self._header(owner, *line.groups()), words)
        if field == "target":
            address, mark, query = words.partition("?")
            return escaped(address) + mark + (self._name(owner, "query") if query else "")
        return self._name(owner, field)

    def _header(self, owner: str, name: str, gap: str, value: str) -> str:
        said = escaped(value) if name.strip().lower() in OPEN else self._name(owner, name)
        return f"{name}{gap}{said}"

    def _name(self, *parts: str) -> str:
        name = "_".join(("PROBE", *filter(None, map(_capitals, parts))))
        self.names[name] += 1
        # A second one of a name would be filled with the value of the first.
        while self.names[name] > 1:
            name = f"{name}_{self.names[name]}"
            self.names[name] += 1
        return f"${{{name}}}"


def _capitals(words: str) -> str:
    return re.sub(r"[^A-Z0-9]+", "_", words.upper()).strip("_")
