"""The errors of the domain, named once; `web.problems` turns them into HTTP once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self, TypeVar

T = TypeVar("T")


class DomainError(Exception):
    """What a caller can be told: a sentence that says what to do next.

    `values` fill the `%(name)s` blanks of the sentence; they are kept apart for its translation.
    """

    def __init__(self, message: str, /, **values: object) -> None:
        self.template = message
        self.values = values
        self.message = message % values if values else message
        super().__init__(self.message)


class NotFound(DomainError):
    """The thing asked for does not exist, or is not for this caller to know of."""


def existing(found: T | None, message: str) -> T:
    """What was looked for. Raises `NotFound` with the message where there is no such thing."""
    if found is None:
        raise NotFound(message)
    return found


class RuleBroken(DomainError):
    """The request is well-formed, but a rule of the product forbids it."""


class Conflict(DomainError):
    """Somebody else changed the thing in the meantime; nothing was overwritten."""


class Forbidden(DomainError):
    """The caller is known, but may not do this."""


class Unauthorised(DomainError):
    """The caller is not known: sign in, or send a valid token."""


@dataclass(frozen=True)
class FieldError:
    """One field that was refused: `path` like `/0/done`, `reason` in English words.

    To say it in another language, `values` fill the blanks of the translation of `template`.
    """

    path: str
    reason: str
    template: str = field(default="", compare=False)
    values: Mapping[str, object] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, path: str, template: str, /, **values: object) -> Self:
        """A field whose reason has blanks, or may be shown to people in their language."""
        return cls(path, template % values if values else template, template, values)


class Wrong(ValueError):
    """A value that is refused by a shape, with a reason that can be said in another language."""

    def __init__(self, template: str, /, **values: object) -> None:
        super().__init__(template % values if values else template)
        self.template = template
        self.values = values


class Invalid(DomainError):
    """Input that breaks the form of a field; names each field."""

    def __init__(self, message: str, fields: tuple[FieldError, ...] = ()) -> None:
        super().__init__(message)
        self.fields = fields


class Malformed(Invalid):
    """Input that cannot even be read: cut off, not UTF-8, not JSON."""


class Unavailable(DomainError):
    """The store cannot take writes now: the caller keeps the work and tries again."""

    def __init__(self, message: str, retry_after: int = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after
