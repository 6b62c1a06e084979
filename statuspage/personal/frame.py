"""What personal pages share with the public ones: brand, names, languages."""

from dataclasses import dataclass
from typing import Any

from flask import Response

from statuspage.personal.key import locale
from statuspage.texts.rules import Texts
from statuspage.web.site import site


@dataclass(frozen=True)
class Names:
    """What panels and functions are called."""

    panels: dict[str, Texts]
    functions: dict[str, Texts]
    keys: tuple[str, ...]


def page(kind: str, template: str, *parts: str, status: int = 200, **context: Any) -> Response:
    """One personal page in the locale of its path; `parts` fill the address of its kind."""
    snapshot = site().store.snapshot()
    names = Names(
        {one.slug: one.name for one in snapshot.panels} if snapshot else {},
        {one.slug: one.name for one in snapshot.functions} if snapshot else {},
        tuple(one.slug for one in snapshot.functions if one.key) if snapshot else (),
    )
    here = {"kind": kind, "parts": parts}
    body = site().pages.render(locale(), template, brand=site().publisher.brand, names=names, here=here, **context)
    return Response(body, status, mimetype="text/html")
