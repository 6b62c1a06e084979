"""Which articles are shown, and how search finds them."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from statuspage.i18n import fold

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_QUERY = 200
MOST_WORDS = 12


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


def search(query: str, rows: Sequence[tuple[str, str, str]]) -> list[str]:
    """The slugs of the articles (slug, title, body) that answer a query, best first; case and diacritics do not count.

    Articles with all the words; where there is none, those with the most of its longer words. Equal ones stay in order.
    """
    words = list(dict.fromkeys(re.findall(r"\w+", fold(query[:LONGEST_QUERY]))))[:MOST_WORDS]
    folded = [(slug, fold(title), fold(body)) for slug, title, body in rows]
    whole = _ranked([(slug, rank(words, title, body)) for slug, title, body in folded])
    if whole:
        return whole
    telling = [word for word in words if len(word) > 2]
    hits = [(slug, sum(rank([word], title, body) > 0 for word in telling)) for slug, title, body in folded]
    most = max((count for _, count in hits), default=0)
    return [slug for slug, count in hits if count == most and most > 0]


def _ranked(scores: Sequence[tuple[str, int]]) -> list[str]:
    return [slug for slug, score in sorted(scores, key=lambda pair: -pair[1]) if score > 0]


def rank(query_words: Sequence[str], title: str, body: str) -> int:
    """How well folded texts answer folded words: 0 when a word is nowhere; the title counts more."""
    if not query_words or not all(word in title or word in body for word in query_words):
        return 0
    return sum(3 if word in title else 1 for word in query_words)
