"""Default deny: a view without a declared policy is never reached.

Each audience registers a guard for its kind of policy; a view declares what it asks for:
`@policy.public`, `@policy.needs("staff", Permission.INCIDENTS)`, `@policy.needs("token", "recovery:write")`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, request

from statuspage.errors import Forbidden

View = TypeVar("View", bound=Callable[..., Any])
Guard = Callable[[Any], None]


@dataclass(frozen=True)
class Policy:
    """Who may call a view: `kind` picks the guard, `need` is what the guard asks for."""

    kind: str
    need: Any = None


def public(view: View) -> View:
    """Anybody may call this view."""
    return needs("public")(view)


def needs(kind: str, need: Any = None) -> Callable[[View], View]:
    """Only a caller that the guard of `kind` lets through for `need` may call this view."""

    def declare(view: View) -> View:
        view.policy = Policy(kind, need)  # type: ignore[attr-defined]  # read back by `of`
        return view

    return declare


def of(app: Flask, endpoint: str | None) -> Policy | None:
    """The policy that the view of an endpoint declares."""
    return getattr(app.view_functions.get(endpoint or ""), "policy", None)


def enforce(app: Flask, guards: dict[str, Guard]) -> None:
    """Check the policy before every view."""
    guards = {"public": lambda need: None, **guards}

    @app.before_request
    def check() -> None:
        if request.endpoint is None:
            return
        policy = of(current_app, request.endpoint)
        if policy is None or policy.kind not in guards:
            raise Forbidden("This address is not open to anybody.")
        guards[policy.kind](policy.need)
