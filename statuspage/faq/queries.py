"""Reads articles."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from statuspage.errors import NotFound
from statuspage.faq.models import Article
from statuspage.faq.rules import Bound
from statuspage.i18n import noop
from statuspage.incidents.models import Incident
from statuspage.panels.models import Function, Panel

NAMES = {Bound.PANEL: Panel.slug, Bound.FUNCTION: Function.slug, Bound.INCIDENT: Incident.public_id}


def by_slug(session: Session, slug: str) -> Article:
    """One article with where it is bound, draft or not. Raises `NotFound`."""
    article = session.scalar(select(Article).where(Article.slug == slug).options(selectinload(Article.bindings)))
    if article is None:
        raise NotFound(noop("There is no such article."))
    return article


def in_order(session: Session) -> Sequence[Article]:
    """All articles in their order, drafts too."""
    found = select(Article).options(selectinload(Article.bindings))
    return session.scalars(found.order_by(Article.position, Article.id)).all()


def after(session: Session, after_id: int, limit: int) -> Sequence[Article]:
    """Articles as they were written, the oldest first: those with a greater id; drafts too."""
    found = select(Article).where(Article.id > after_id).options(selectinload(Article.bindings))
    return session.scalars(found.order_by(Article.id).limit(limit)).all()


def last_position(session: Session) -> int:
    """The place of the last article."""
    return session.scalar(select(func.max(Article.position))) or 0


def unknown(session: Session, kind: Bound, subjects: Sequence[str]) -> list[str]:
    """Those of the names that name nothing an article could be bound to."""
    column = NAMES[kind]
    found = set(session.scalars(select(column).where(column.in_(subjects))))
    return [one for one in subjects if one not in found]


def unknown_slugs(session: Session, slugs: Sequence[str]) -> list[str]:
    """Those of the slugs that no article has."""
    found = set(session.scalars(select(Article.slug).where(Article.slug.in_(slugs))))
    return [slug for slug in slugs if slug not in found]
