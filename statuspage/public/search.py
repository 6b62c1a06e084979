"""Search in questions and guides: no case, no diacritics, all words must be there, titles first."""

from collections.abc import Sequence

from statuspage.faq.rules import rank
from statuspage.i18n import fold
from statuspage.publishing.snapshot import ArticleView


def found(articles: Sequence[ArticleView], query: str, locale: str) -> tuple[ArticleView, ...]:
    """The articles that hold every word of the query, the best first."""
    words = fold(query).split()
    ranked = [(_rank(words, one, locale), one) for one in articles]
    best = sorted((pair for pair in ranked if pair[0]), key=lambda pair: (-pair[0], pair[1].position))
    return tuple(one for _, one in best)


def _rank(words: Sequence[str], article: ArticleView, locale: str) -> int:
    category = article.category.read(locale).text if article.category else ""
    return rank(words, fold(f"{article.title.read(locale).text} {category}"), fold(article.body.read(locale).text))
