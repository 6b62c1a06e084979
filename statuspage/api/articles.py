"""Guides and questions by programs: written, changed, bound, shown, taken back; by the actions of the desk's forms."""

from flask import Flask, Response
from sqlalchemy.orm import Session

from statuspage.api import cursors
from statuspage.api.article_shapes import ArticleAnswer, ArticleChangeShape, NewArticleShape, bindings
from statuspage.api.guard import actor
from statuspage.api.localised import changed
from statuspage.api.operation import Operation
from statuspage.api.shapes import VersionShape
from statuspage.api.writing import change, post, seen, shown
from statuspage.db import reading
from statuspage.faq import actions, queries
from statuspage.faq.models import Article
from statuspage.tokens.rules import Scope
from statuspage.web import policy

PATH = "/api/v1/articles"
ONE = f"{PATH}/{{article}}"
WRITE = Scope.ARTICLES_WRITE
OPERATIONS = (
    Operation("get", PATH, "Guides and questions, the oldest first", WRITE, None, ArticleAnswer, listed="articles"),
    Operation("post", PATH, "Write a guide or a question", WRITE, NewArticleShape, ArticleAnswer, 201),
    Operation("get", ONE, "One guide or question", WRITE, None, ArticleAnswer),
    Operation("patch", ONE, "Change a guide or a question", WRITE, ArticleChangeShape, ArticleAnswer),
    Operation("post", f"{ONE}/publish", "Show it to readers", WRITE, VersionShape, ArticleAnswer),
    Operation("post", f"{ONE}/withdraw", "Make it a draft again", WRITE, VersionShape, ArticleAnswer),
)


def register(app: Flask) -> None:
    one = f"{PATH}/<article>"
    app.add_url_rule(PATH, "api.articles", get_all)
    app.add_url_rule(PATH, "api.write_article", write, methods=["POST"])
    app.add_url_rule(one, "api.article", get_one)
    app.add_url_rule(one, "api.edit_article", edit, methods=["PATCH"])
    app.add_url_rule(f"{one}/publish", "api.publish_article", publish, methods=["POST"])
    app.add_url_rule(f"{one}/withdraw", "api.withdraw_article", withdraw, methods=["POST"])


@policy.needs("token", WRITE)
def get_all() -> Response:
    """All guides and questions, drafts too."""
    with reading() as session:
        return cursors.answers("articles", lambda after, limit: queries.after(session, after, limit), ArticleAnswer.of)


@policy.needs("token", WRITE)
def write() -> Response:
    """Write an article; a draft, unless `publish` says otherwise."""

    def work(session: Session, sent: NewArticleShape) -> ArticleAnswer:
        title, body = sent.title.texts("/title"), sent.body.prose("/body")
        card, bound = sent.card(queries.last_position(session) + 1), bindings(sent.bound)
        made = actions.create(session, actor(), sent.slug, title=title, body=body, card=card, bound=bound)
        return _told(session, actions.publish(session, actor(), sent.slug) if sent.publish else made)

    return post(NewArticleShape, work, 201)


@policy.needs("token", WRITE)
def get_one(article: str) -> Response:
    """One article, published or not."""
    with reading() as session:
        return shown(ArticleAnswer.of(queries.by_slug(session, article)))


@policy.needs("token", WRITE)
def edit(article: str) -> Response:
    """Change an article, and where it is shown. Readers who follow it are told of changed words alone."""

    def work(session: Session, sent: ArticleChangeShape) -> ArticleAnswer:
        found = _seen(session, article, sent.version)
        title, body = changed("/title", found.title, sent.title), changed("/body", found.body, sent.body)
        who, version, card = actor(), found.version, sent.card_of(found)
        actions.edit(session, who, article, title=title, body=body, card=card, version=version)
        if sent.bound is not None:
            actions.bind(session, who, article, bindings(sent.bound))
        return _told(session, found)

    return change(ArticleChangeShape, work)


@policy.needs("token", WRITE)
def publish(article: str) -> Response:
    """Show an article; one that is shown already keeps its date."""

    def work(session: Session, sent: VersionShape) -> ArticleAnswer:
        _seen(session, article, sent.version)
        return _told(session, actions.publish(session, actor(), article))

    return post(VersionShape, work)


@policy.needs("token", WRITE)
def withdraw(article: str) -> Response:
    """Make an article a draft again."""

    def work(session: Session, sent: VersionShape) -> ArticleAnswer:
        _seen(session, article, sent.version)
        return _told(session, actions.unpublish(session, actor(), article))

    return post(VersionShape, work)


def _seen(session: Session, slug: str, version: int | None) -> Article:
    """The article, as the caller has seen it if they say what they have seen."""
    found = queries.by_slug(session, slug)
    seen(ArticleAnswer.of(found), found.version, version)
    return found


def _told(session: Session, article: Article) -> ArticleAnswer:
    session.flush()  # counts the version up
    return ArticleAnswer.of(article)
