"""A short digest of plain data, kept with each frozen dataclass so that what stays is not read again."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from hashlib import blake2b
from typing import Any

SIZE = 16
KEPT = "_digest"


def digest(value: Any) -> bytes:
    """16 bytes that tell two values apart: dataclasses, tuples, lists, mappings, and whatever has a faithful repr."""
    if is_dataclass(value):
        kept: bytes | None = vars(value).get(KEPT)
        if kept is None:
            # Past the frozen dataclass's own guard, as functools.cached_property does it.
            kept = vars(value)[KEPT] = _joined(type(value).__name__, _values(value))
        return kept
    if isinstance(value, tuple | list):
        return _joined("sequence", value)
    if isinstance(value, Mapping):
        return _joined("mapping", (part for pair in value.items() for part in pair))
    return blake2b(f"{type(value).__name__}:{value!r}".encode(), digest_size=SIZE).digest()


def _values(value: Any) -> Iterable[Any]:
    return (getattr(value, one.name) for one in fields(value))


def _joined(kind: str, values: Iterable[Any]) -> bytes:
    """Digests have one length, so what is joined cannot be split in another way."""
    return blake2b(kind.encode() + b"".join(map(digest, values)), digest_size=SIZE).digest()
