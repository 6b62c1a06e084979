"""A short digest of plain data, kept with each frozen dataclass so that what stays is not read again."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import blake2b
from typing import Any

SIZE = 16
KEPT = "_digest"


def digest(value: Any) -> bytes:
    """16 bytes that tell two values apart: dataclasses, tuples, lists, mappings, and whatever has a faithful repr."""
    kind: type = type(value)
    names = _names(kind)
    if names is None:
        return blake2b(_part(value), digest_size=SIZE).digest()
    kept: bytes | None = value.__dict__.get(KEPT)
    if kept is None:
        # Past the frozen dataclass's own guard, as functools.cached_property does it.
        kept = value.__dict__[KEPT] = _joined(kind.__name__, [getattr(value, name) for name in names])
    return kept


@cache
def _names(kind: type) -> tuple[str, ...] | None:
    """The fields of a dataclass, None of anything else."""
    return tuple(one.name for one in fields(kind)) if is_dataclass(kind) else None


@cache
def _is_mapping(kind: type) -> bool:
    return issubclass(kind, Mapping)


def _part(value: Any) -> bytes:
    """A value as bytes that cannot run into their neighbours: a digest, or of a leaf its repr with the length."""
    kind: type = type(value)
    if kind is tuple or kind is list:
        return _joined("sequence", value)
    if _names(kind) is not None:
        return digest(value)
    if _is_mapping(kind):
        return _joined("mapping", [part for pair in value.items() for part in pair])
    words = f"{kind.__name__}:{value!r}".encode()
    return b"%d:%b" % (len(words), words)


def _joined(kind: str, values: Iterable[Any]) -> bytes:
    return blake2b(kind.encode() + b"".join(map(_part, values)), digest_size=SIZE).digest()
