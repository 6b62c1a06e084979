"""Which articles are shown, and how search finds them."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum


class Kind(StrEnum):
    """A guide leads through steps; a question has an answer."""

    GUIDE = "guide"
    QUESTION = "question"


class Bound(StrEnum):
    """What an article can be bound to; the public id is a slug or an incident's id."""

    PANEL = "panel"
    FUNCTION = "function"
    INCIDENT = "incident"


def is_valid(valid_from: datetime | None, valid_until: datetime | None, now: datetime) -> bool:
    """Whether the article holds at `now`."""
    return (valid_from is None or valid_from <= now) and (valid_until is None or now < valid_until)


def rank(query_words: Sequence[str], title: str, body: str) -> int:
    """How well folded texts answer folded words: 0 when a word is nowhere; the title counts more."""
    if not query_words or not all(word in title or word in body for word in query_words):
        return 0
    return sum(3 if word in title else 1 for word in query_words)
