"""The site as plain data for people to read: without what goes without saying, and without secrets."""

from collections.abc import Iterator
from typing import Any

from statuspage.configuration.references import FIELDS, Hiding, escaped
from statuspage.configuration.shapes import File, Function, Panel


def exported(file: File, hiding: Hiding | None) -> dict[str, Any]:
    """The file as plain data; `hiding` takes the secrets out, if they are to be hidden."""
    return {
        "functions": [_terse(one, number) for number, one in enumerate(file.functions, 1)],
        "panels": [
            _terse(one, number) | _filled("components", dict(_components(one, hiding)))
            for number, one in enumerate(file.panels, 1)
        ],
    }


def _terse(one: Function | Panel, number: int) -> dict[str, Any]:
    own = one.model_dump(exclude={"name", "description", "components"}, exclude_defaults=True)
    if own.get("position") == number:
        del own["position"]
    description = one.description if isinstance(one, Panel) else None
    texts = {"name": dict(one.name.terse()), **({"description": dict(description.terse())} if description else {})}
    return {"slug": own.pop("slug"), **texts, **own}


def _components(panel: Panel, hiding: Hiding | None) -> Iterator[tuple[str, dict[str, Any]]]:
    for function, component in panel.components.items():
        note = _filled("note", dict(component.note.terse()) if component.note else {})
        probes = []
        for one in component.probes:
            own = one.model_dump(exclude_defaults=True)
            named = f"{panel.slug}_{function}_{one.name}"
            probes.append(hiding.hidden(own, named) if hiding else _escaped(own))
        if note or probes:
            yield function, note | _filled("probes", probes)


def _escaped(probe: dict[str, Any]) -> dict[str, Any]:
    return {**probe, **{one: escaped(probe[one]) for one in FIELDS if one in probe}}


def _filled(key: str, value: Any) -> dict[str, Any]:
    return {key: value} if value else {}
