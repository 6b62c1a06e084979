"""A short digest of plain data, kept with each frozen dataclass so that what stays is not read again."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import wraps
from hashlib import blake2b
from operator import attrgetter
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
SIZE = 16
KEPT = "_digest"
Way = Callable[[Any], bytes]
WAYS: dict[type, Way] = {}
JOINED: set[type] = set()


def digest(value: Any) -> bytes:
    """16 bytes that tell two values apart: dataclasses, tuples, lists, mappings, and whatever has a faithful repr."""
    part = _part(value)
    # What is made of parts is a digest already.
    return part if type(value) in JOINED else blake2b(part, digest_size=SIZE).digest()


def by_digest(most: int) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Keep what a pure function made of plain data, for up to so many values: equal data is told by its digest."""

    def keeping(make: Callable[P, T]) -> Callable[P, T]:
        made: dict[bytes, T] = {}

        @wraps(make)
        def kept(*args: P.args, **kwargs: P.kwargs) -> T:
            name = digest((args, kwargs))
            if name in made:
                # Another thread may make room between the question and the answer.
                with suppress(KeyError):
                    return made[name]
            found = make(*args, **kwargs)
            if len(made) >= most:
                made.clear()
            made[name] = found
            return found

        return kept

    return keeping


def _part(value: Any) -> bytes:
    """A value as bytes that cannot run into their neighbours."""
    kind = type(value)
    way = WAYS.get(kind)
    if way is None:
        way = WAYS[kind] = _way(kind)
    return way(value)


def _way(kind: type) -> Way:
    if is_dataclass(kind):
        JOINED.add(kind)
        return _whole(kind)
    if kind in (tuple, list):
        JOINED.add(kind)
        return lambda value: _joined(b"sequence", value)
    if issubclass(kind, Mapping):
        return lambda value: _joined(b"mapping", [part for pair in value.items() for part in pair])
    if issubclass(kind, Enum):
        return lambda value: _leaf(kind.__name__, value.name)
    if kind is str:
        return lambda value: _leaf("str", value)
    return lambda value: _leaf(kind.__name__, repr(value))


def _whole(kind: type) -> Way:
    """The digest of a dataclass, kept with it past its own guard, as functools.cached_property does it."""
    names = [one.name for one in fields(kind)]
    label = kind.__name__.encode()
    read: Callable[[Any], Any] = attrgetter(*names) if names else lambda value: ()

    def whole(value: Any) -> bytes:
        kept: bytes | None = value.__dict__.get(KEPT)
        if kept is None:
            kept = value.__dict__[KEPT] = _joined(label, read(value) if len(names) != 1 else (read(value),))
        return kept

    return whole


def _leaf(kind: str, words: str) -> bytes:
    # A lone surrogate is no text that could be published, but it must not stop the rest.
    body = f"{kind}:{words}".encode("utf-8", "surrogatepass")
    return b"%d:%b" % (len(body), body)


def _joined(kind: bytes, values: Iterable[Any]) -> bytes:
    return blake2b(kind + b"".join(map(_part, values)), digest_size=SIZE).digest()
