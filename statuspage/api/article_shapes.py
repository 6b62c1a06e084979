"""The shapes of guides and questions: what is sent, and what is answered."""

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field

from statuspage import paths
from statuspage.api.answers import Answer, Named, Utc, Version, WordsAnswer, columns, public_url
from statuspage.api.localised import NameShape, ProseShape, TitleShape, changed
from statuspage.api.shapes import IncidentId, VersionShape
from statuspage.faq.actions import Card
from statuspage.faq.models import Article
from statuspage.faq.rules import Bound, Kind
from statuspage.shapes import Moment, Shape, Slug

MOST_PLACES = 200
ArticleSlug = Annotated[str, Field(max_length=80, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Related = Annotated[list[ArticleSlug], Field(max_length=MOST_PLACES)]
Places = Annotated[list[Slug], Field(max_length=MOST_PLACES, default_factory=list)]
KindWord = Annotated[Kind, Field(strict=False)]
# A position is a plain column of 32 bits.
Position = Annotated[int, Field(ge=0, le=2**31 - 1)]


class BoundShape(Shape):
    """Where an article is shown: at these panels, functions and incidents, and at no others."""

    panel: Places
    function: Places
    incident: Annotated[list[IncidentId], Field(max_length=MOST_PLACES, default_factory=list)]


def bindings(bound: BoundShape | None) -> list[tuple[Bound, str]]:
    """What was asked for, as the action takes it."""
    return [(kind, name) for kind in Bound for name in getattr(bound, kind.value)] if bound else []


class NewArticleShape(Shape):
    """A guide or a question; a draft, unless `publish` is true. Without `position` it is the last one."""

    slug: ArticleSlug
    kind: KindWord
    title: TitleShape
    body: ProseShape
    category: NameShape | None = None
    position: Position | None = None
    related: Related = Field(default_factory=list)
    bound: BoundShape | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None
    publish: bool = False

    def card(self, last: int) -> Card:
        """All of the article but its words; `last` is the place at the end."""
        category = self.category.texts("/category").by_locale if self.category else None
        position = last if self.position is None else self.position
        return Card(self.kind, category, position, tuple(self.related), self.valid_from, self.valid_until)


class ArticleChangeShape(VersionShape):
    """What changes of an article. What is left out stays; null takes its category or a time away."""

    kind: KindWord | None = None
    title: TitleShape | None = None
    body: ProseShape | None = None
    category: NameShape | None = None
    position: Position | None = None
    related: Related | None = None
    bound: BoundShape | None = None
    valid_from: Moment | None = None
    valid_until: Moment | None = None

    def card_of(self, article: Article) -> Card:
        """All of the article but its words, as it is to be."""
        named = self.model_fields_set
        return Card(
            kind=self.kind or article.kind,
            category=self._category(article) if "category" in named else _words(article),
            position=article.position if self.position is None else self.position,
            related=tuple(article.related if self.related is None else self.related),
            valid_from=self.valid_from if "valid_from" in named else article.valid_from,
            valid_until=self.valid_until if "valid_until" in named else article.valid_until,
        )

    def _category(self, article: Article) -> Mapping[str, str] | None:
        if self.category is None:
            return None
        if article.category is None:
            return self.category.texts("/category").by_locale
        return changed("/category", article.category, self.category).by_locale


class BoundAnswer(Answer):
    """Where an article is shown."""

    panel: list[str]
    function: list[str]
    incident: list[str]


class ArticleAnswer(Named):
    """A guide or a question; without `published_at` it is a draft. Its id is its `slug`."""

    kind: Kind
    title: WordsAnswer
    body: WordsAnswer
    category: WordsAnswer | None
    position: int
    related: list[str]
    bound: BoundAnswer
    valid_from: Utc | None
    valid_until: Utc | None
    published_at: Utc | None
    changed_at: Utc
    url: str | None
    version: Version

    @classmethod
    def of(cls, article: Article) -> Self:
        # Without the votes: an editor must not meet a conflict because somebody voted.
        places = {kind.value: [one.subject for one in article.bindings if one.kind is kind] for kind in Bound}
        return cls(
            id=article.slug,
            title=WordsAnswer.of(article.title),
            body=WordsAnswer.of(article.body),
            category=WordsAnswer.of_any(article.category),
            bound=BoundAnswer(**places),
            url=public_url(paths.PATTERNS["article"].format(article.slug)) if article.published_at else None,
            **columns(article, "kind", "position", "related", "valid_from", "valid_until", "published_at"),
            **columns(article, "changed_at", "version"),
        )


def _words(article: Article) -> Mapping[str, str] | None:
    return article.category.by_locale if article.category else None
