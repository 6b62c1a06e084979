"""What a file asks for beside what there is: the difference in words, and what is wrong with it as a whole."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from typing import Any

from statuspage.configuration.probes import Base
from statuspage.configuration.shapes import Component, File, Function, Panel, pointer
from statuspage.configuration.words import Entry, Words
from statuspage.errors import FieldError, RuleBroken
from statuspage.panels.rules import in_words, overlap
from statuspage.probing import guard
from statuspage.probing.kinds import faults as probe_faults

STRUCTURE = frozenset({"slug", "components", "probes", "schema_address"})
HIDDEN = "(not shown)"


class Noun(StrEnum):
    """What an entry is."""

    FUNCTION = "function"
    PANEL = "panel"
    COMPONENT = "component"
    PROBE = "probe"


class Act(StrEnum):
    """What becomes of it."""

    CREATED = "created"
    CHANGED = "changed"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True)
class Subject:
    """An entry by the names that stay: slugs, and for a probe its name too."""

    noun: Noun
    key: tuple[str, ...]

    def __str__(self) -> str:
        probe = f" “{self.key[2]}”" if self.noun is Noun.PROBE else ""
        return f"{self.noun} {'.'.join(self.key[:2])}{probe}"


@dataclass(frozen=True)
class Difference:
    """One value of an entry, as it is and as it is to be; secrets are not shown."""

    name: str
    old: Any
    new: Any


@dataclass(frozen=True)
class Change:
    """What becomes of one entry; `wanted` is as it is to be."""

    act: Act
    subject: Subject
    wanted: Entry | None = None
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True)
class Plan:
    """All that an import would do. `left` stands in the database alone and stays."""

    changes: tuple[Change, ...]
    unchanged: int = 0
    left: tuple[Subject, ...] = ()


Entries = Mapping[Subject, Entry]
Held = Mapping[Subject, tuple[str, ...]]


@dataclass(frozen=True)
class Present:
    """What there is; `held` says of each entry what hangs on it, so that it cannot be removed."""

    file: File
    held: Held = field(default_factory=dict)


def placed(file: File) -> File:
    """With the place of each function and panel written out: where none is given, the order of the file counts."""

    def at(number: int, one: Function | Panel) -> Any:
        return one if one.position is not None else one.model_copy(update={"position": number})

    return file.model_copy(
        update={
            "functions": [at(number, one) for number, one in enumerate(file.functions, 1)],
            "panels": [at(number, one) for number, one in enumerate(file.panels, 1)],
        }
    )


def entries(file: File) -> dict[Subject, Entry]:
    """Each entry of the file by itself; of a component only what is said of its note."""
    found: dict[Subject, Entry] = {Subject(Noun.FUNCTION, (one.slug,)): one for one in file.functions}
    found |= {Subject(Noun.PANEL, (one.slug,)): one for one in file.panels}
    for panel in file.panels:
        for function, component in panel.components.items():
            key = (panel.slug, function)
            if "note" in component.model_fields_set:
                found[Subject(Noun.COMPONENT, key)] = component
            found |= {Subject(Noun.PROBE, (*key, probe.name)): probe for probe in component.probes}
    return found


def plan(wanted: File, present: Present, *, prune: bool) -> Plan:
    """What to do, in an order in which it can be done. Raises `RuleBroken` where something else hangs on an entry."""
    new, old = entries(placed(wanted)), entries(present.file)
    changes = [change for subject, entry in new.items() if (change := _change(subject, old.get(subject), entry))]
    rest = [one for one in old if one not in new and one.noun is not Noun.COMPONENT]
    if not prune:
        return Plan(tuple(changes), len(new) - len(changes), tuple(rest))
    gone = [change for one in reversed(rest) if (change := _gone(one, old[one], present.held.get(one, ())))]
    return Plan((*changes, *gone), len(new) - len(changes))


def _change(subject: Subject, old: Entry | None, new: Entry) -> Change | None:
    if old is None and subject.noun is Noun.COMPONENT:
        old = Component(probes=[])
    if old is None:
        return Change(Act.CREATED, subject, new)
    found = tuple(_differences(leaves(old), leaves(new)))
    return Change(Act.CHANGED, subject, new, found) if found else None


def _gone(subject: Subject, entry: Entry, held: tuple[str, ...]) -> Change | None:
    """A probe that has a story is switched off; nothing else that has one may go."""
    if not held:
        return Change(Act.REMOVED, subject)
    if isinstance(entry, Base):
        return Change(Act.DISABLED, subject, entry.model_copy(update={"enabled": False})) if entry.enabled else None
    raise RuleBroken(
        f"{subject} is not in the file but cannot be removed, as it has {', '.join(held)}: "
        "put it back into the file, or import without --prune. Nothing was changed."
    )


def leaves(entry: Entry) -> dict[str, Any]:
    """Each value of an entry, texts language by language."""
    if isinstance(entry, Base):
        return entry.leaves()
    found: dict[str, Any] = {}
    for name in type(entry).model_fields:
        value = getattr(entry, name)
        if isinstance(value, Words):
            found |= {f"{name}.{key}": leaf for key, leaf in value.leaves().items()}
        elif name not in STRUCTURE:
            found[name] = value
    return found


def _differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        before, after = old.get(name), new.get(name)
        if name.endswith((".stale", ".source")) and (before is None or after is None):
            continue  # nothing is said of it, or its text comes or goes as a whole
        if before != after:
            yield Difference(name, _shown(name, before), _shown(name, after))


def _shown(name: str, value: Any) -> Any:
    if name in Base.secrets and value is not None:
        return HIDDEN
    if name == "target":
        address, mark, query = str(value).partition("?")
        return address + mark + (HIDDEN if query else "")
    return value


def faults(wanted: File, present: File, allow: tuple[guard.Network, ...], *, prune: bool) -> tuple[FieldError, ...]:
    """What is wrong with a file whose entries have their shape."""
    known = {one.slug for one in chain(wanted.functions, () if prune else present.functions)}
    named = {one.slug for one in wanted.panels}
    others = [] if prune else [one for one in present.panels if one.slug not in named]
    return (
        *_twice(("functions",), [one.slug for one in wanted.functions]),
        *_twice(("panels",), [one.slug for one in wanted.panels]),
        *_crossing(wanted.panels, others),
        *(fault for at, one in enumerate(wanted.panels) for fault in _inside(("panels", at), one, known, allow)),
    )


def _twice(place: tuple[int | str, ...], names: list[str], key: str = "slug") -> Iterator[FieldError]:
    for at, name in enumerate(names):
        if name in names[:at]:
            yield FieldError(pointer((*place, at, key)), f"{name} stands twice: keep one of them")


def _crossing(panels: list[Panel], others: list[Panel]) -> Iterator[FieldError]:
    for at, one in enumerate(panels):
        for other in (*panels[:at], *others):
            if other.slug != one.slug and overlap(one.days, other.days):
                words = f"these days overlap with those of {other.slug} ({in_words(other.days)})"
                yield FieldError(pointer(("panels", at, "accounts_from")), f"{words}: each day belongs to one panel")


def _inside(
    place: tuple[int | str, ...], panel: Panel, known: set[str], allow: tuple[guard.Network, ...]
) -> Iterator[FieldError]:
    for function, component in panel.components.items():
        here = (*place, "components", function)
        if function not in known:
            yield FieldError(pointer(here), f"there is no function {function}: add it to functions")
        yield from _twice((*here, "probes"), [one.name for one in component.probes], "name")
        for at, probe in enumerate(component.probes):
            for fault in probe_faults(probe.wish(), allow):
                yield FieldError(pointer((*here, "probes", at)) + fault.path, fault.reason)
