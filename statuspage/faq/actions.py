"""Writes articles, says where they are shown, counts what readers think of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import flag_modified

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.db import same_version
from statuspage.errors import FieldError, Invalid, NotFound
from statuspage.faq.models import Article, Binding
from statuspage.faq.queries import unknown, unknown_slugs
from statuspage.faq.rules import SLUG, Bound, Kind
from statuspage.i18n import noop
from statuspage.texts.actions import keep
from statuspage.texts.rules import Prose, Texts, revise, texts


@dataclass(frozen=True)
class Card:
    """All of an article but its words."""

    kind: Kind
    category: Mapping[str, str] | None = None
    position: int = 0
    related: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def create(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    title: Texts,
    body: Prose,
    card: Card,
    bound: Sequence[tuple[Bound, str]] = (),
    at: datetime | None = None,
) -> Article:
    """A new article, as a draft."""
    if not SLUG.fullmatch(slug) or len(slug) > 80:
        _refuse("/slug", noop("Use small letters a to z, digits and hyphens, at most 80."))
    _must_say("/title", title)
    _must_say("/body", body)
    article = Article(slug=slug, title=title, body=body, changed_at=at or clock.now(), kind=card.kind)
    _apply(session, article, card)
    try:
        with session.begin_nested():
            session.add(article)
    except IntegrityError:
        _refuse("/slug", noop("Another article has this address already."))
    _audit(session, actor, "create", article, after=_facts(article))
    if bound:
        bind(session, actor, slug, bound)
    return article


def edit(
    session: Session,
    actor: Actor,
    slug: str,
    *,
    title: Texts | Mapping[str, str],
    body: Prose | Mapping[str, str],
    card: Card,
    version: int | None = None,
    at: datetime | None = None,
) -> Article:
    """Change an article. Earlier words are kept; only changed words make it news."""
    article, now = _locked(session, slug), at or clock.now()
    same_version(article.version, version)
    before = _facts(article)
    new_title, new_body = revise(article.title, title), revise(article.body, body)
    _must_say("/title", new_title)
    _must_say("/body", new_body)
    for field, old, new in (("title", article.title, new_title), ("body", article.body, new_body)):
        if old != new:
            keep(session, "article", str(article.uuid), field, old, at=now, by=actor.name)
            setattr(article, field, new)
            article.changed_at = now
    _apply(session, article, card)
    flag_modified(article, "position")  # an edit counts as one, also when it only touches the bindings
    _audit(session, actor, "edit", article, before=before, after=_facts(article))
    return article


def bind(session: Session, actor: Actor, slug: str, bound: Sequence[tuple[Bound, str]]) -> Article:
    """Show an article at exactly these panels, functions and incidents."""
    article, wanted = _locked(session, slug), list(dict.fromkeys(bound))
    for kind in Bound:
        if missing := unknown(session, kind, [subject for one, subject in wanted if one is kind]):
            _refuse(f"/bound/{kind.value}/{missing[0]}", noop("There is nothing of this name to bind an article to."))
    before = {(one.kind, one.subject): one for one in article.bindings}
    article.bindings[:] = [before.get(pair) or Binding(kind=pair[0], subject=pair[1]) for pair in wanted]
    session.flush()
    if set(before) != set(wanted):
        _audit(session, actor, "bind", article, after={"bound": [f"{kind.value}:{name}" for kind, name in wanted]})
    return article


def publish(session: Session, actor: Actor, slug: str, *, at: datetime | None = None) -> Article:
    """Show an article; one that is shown already keeps its date."""
    article = _locked(session, slug)
    if article.published_at is None:
        article.published_at = at or clock.now()
        _audit(session, actor, "publish", article, after={"published_at": article.published_at.isoformat()})
    return article


def unpublish(session: Session, actor: Actor, slug: str) -> Article:
    """Make an article a draft again."""
    article = _locked(session, slug)
    if article.published_at is not None:
        _audit(session, actor, "unpublish", article, before={"published_at": article.published_at.isoformat()})
        article.published_at = None
    return article


def order(session: Session, actor: Actor, slugs: Sequence[str]) -> None:
    """Put the named articles first, in this order; the others follow as they stood."""
    found = select(Article).order_by(Article.position, Article.id).with_for_update()
    articles = {one.slug: one for one in session.scalars(found.execution_options(populate_existing=True))}
    if any(slug not in articles for slug in slugs):
        raise NotFound(noop("There is no such article."))
    named = list(dict.fromkeys(slugs))
    for position, slug in enumerate([*named, *(slug for slug in articles if slug not in named)], start=1):
        articles[slug].position = position
    record(session, actor, "article.order", "article:*", after={"first": named})


def vote(session: Session, slug: str, helpful: bool) -> None:  # noqa: FBT001  # the one thing a vote says
    """Count one reader's opinion; nothing else is kept. Raises `NotFound` for what is not published."""
    column = Article.helpful if helpful else Article.unhelpful
    # The row's version stays: an editor must not meet a conflict because somebody voted.
    counted = update(Article).where(Article.slug == slug, Article.published_at.is_not(None))
    done = session.execute(counted.values({column: column + 1}).returning(Article.id)).scalar()
    if done is None:
        raise NotFound(noop("There is no such article."))


def _locked(session: Session, slug: str) -> Article:
    found = select(Article).where(Article.slug == slug).with_for_update()
    article = session.scalar(found.execution_options(populate_existing=True))
    if article is None:
        raise NotFound(noop("There is no such article."))
    return article


def _apply(session: Session, article: Article, card: Card) -> None:
    if card.valid_from and card.valid_until and card.valid_until <= card.valid_from:
        _refuse("/valid_until", noop("The article would end before it begins."))
    related = tuple(slug for slug in dict.fromkeys(card.related) if slug != article.slug)
    with session.no_autoflush:
        missing = unknown_slugs(session, related)
    if missing:
        _refuse(f"/related/{missing[0]}", noop("There is no article with this address."))
    article.kind, article.position, article.related = card.kind, card.position, list(related)
    article.valid_from, article.valid_until = card.valid_from, card.valid_until
    article.category = _category(article.category, card.category)


def _category(old: Texts | None, words: Mapping[str, str] | None) -> Texts | None:
    if not words or not any(words.values()):
        return None
    if old is not None:
        return old.revised(words)
    return texts(words, next(locale for locale, text in words.items() if text))


def _must_say(path: str, words: Texts) -> None:
    if not words.by_locale.get(words.source, "").strip():
        _refuse(path, noop("Write something here, in one language at least."))


def _refuse(path: str, message: str) -> NoReturn:
    raise Invalid(message, (FieldError(path, message),))


def _audit(session: Session, actor: Actor, act: str, article: Article, **facts: dict[str, Any] | None) -> None:
    record(session, actor, f"article.{act}", f"article:{article.slug}", **facts)


def _facts(article: Article) -> dict[str, Any]:
    return {
        "kind": article.kind.value,
        "title": dict(article.title.by_locale),
        "position": article.position,
        "related": list(article.related),
        "valid_from": article.valid_from.isoformat() if article.valid_from else None,
        "valid_until": article.valid_until.isoformat() if article.valid_until else None,
    }
