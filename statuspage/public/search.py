"""Search in the published questions and guides."""

import re
from collections.abc import Sequence

from statuspage.faq.rules import search
from statuspage.publishing.views import ArticleView

TAG = re.compile(r"<[^>]+>")


def found(articles: Sequence[ArticleView], query: str, locale: str) -> tuple[ArticleView, ...]:
    """The articles that answer a query, in the words that a reader of this locale sees, the best first."""
    by_slug = {one.slug: one for one in articles}
    return tuple(by_slug[slug] for slug in search(query, [_row(one, locale) for one in articles]))


def _row(article: ArticleView, locale: str) -> tuple[str, str, str]:
    category = article.category.read(locale).text if article.category else ""
    body = TAG.sub(" ", article.body.read(locale).html)
    return article.slug, f"{article.title.read(locale).text} {category}", body
