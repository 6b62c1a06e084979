"""Writes the scenario's guides and questions."""

from datetime import datetime

from sqlalchemy.orm import Session

from statuspage.demo.incidents import AUTHOR
from statuspage.demo.story import Row, long, read, short, stable_id, until
from statuspage.faq.models import Article, Binding
from statuspage.faq.rules import Bound, Kind
from statuspage.texts.actions import keep
from statuspage.texts.rules import texts


def write(session: Session, now: datetime) -> None:
    """The articles published by `now`, each with the body it had then; the earlier ones are kept."""
    for row in until(read("faq")["articles"], now, "published_at"):
        article = _article(row)
        for revision in until(row.get("revisions", ()), now):
            keep(session, "article", article.slug, "body", article.body, at=revision["at"], by=AUTHOR)
            article.body, article.changed_at = article.body.revised(revision["body"]), revision["at"]
        session.add(article)
    session.flush()


def _article(row: Row) -> Article:
    bound = {Bound.PANEL: row["panels"], Bound.FUNCTION: row["functions"], Bound.INCIDENT: row["incidents"]}
    return Article(
        uuid=stable_id("article", row["slug"]),
        slug=row["slug"],
        kind=Kind(row["kind"]),
        category=short(row.get("category")),
        title=texts(row["title"]),
        body=long(row["body"]),
        position=row["position"],
        related=list(row["related"]),
        valid_from=row["valid_from"],
        valid_until=row.get("valid_until"),
        published_at=row["published_at"],
        changed_at=row["published_at"],
        bindings=[Binding(kind=kind, subject=subject) for kind, subjects in bound.items() for subject in subjects],
    )
