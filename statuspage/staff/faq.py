"""Questions and guides at the desk: written, bound, published, put in order."""

from collections.abc import Sequence
from typing import Self

from flask import Flask, Response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse
from wtforms import Field, StringField, TextAreaField

from statuspage.db import reading, transaction
from statuspage.faq import actions, queries
from statuspage.faq.actions import Card
from statuspage.faq.models import Article
from statuspage.faq.rules import Kind
from statuspage.i18n import noop
from statuspage.staff import desk
from statuspage.staff.bound import bindings, bound_choices
from statuspage.staff.fields import ChoiceField, ChoicesField, Limit, MomentField, Needed, ProseField, TextsField
from statuspage.staff.forms import Act, StaffForm
from statuspage.staff.permissions import Permission
from statuspage.texts.models import TextRevision
from statuspage.texts.queries import revisions
from statuspage.web import policy
from statuspage.web.site import site

LIST = "/staff/faq/"
KINDS = {Kind.QUESTION: noop("question"), Kind.GUIDE: noop("guide: steps, first on a panel's page")}
HIDDEN = desk.notice("hidden", noop("The article is a draft again."))
ORDERED = desk.notice("ordered", noop("The order is changed."))


class ArticleForm(StaffForm):
    """An article, and where it is shown."""

    kind = ChoiceField(noop("Kind"), words=KINDS)
    title = TextsField(noop("Title"))
    category = TextsField(noop("Category"), needed=False, limit=60)
    body = ProseField(noop("Text"), rows=14)
    bound = ChoicesField(noop("Shown at"), words={})
    related = ChoicesField(noop("Related articles"), words={})
    valid_from = MomentField(noop("Holds from"))
    valid_until = MomentField(noop("Holds until"))

    @classmethod
    def of(cls, session: Session, article: Article | None = None) -> Self:
        bound = [f"{one.kind.value}:{one.subject}" for one in article.bindings] if article else []
        form = cls.received(article, bound=bound)
        form.bound.offer(dict(bound_choices(session)))
        others = [one for one in queries.in_order(session) if one is not article]
        form.related.offer({one.slug: one.title.read(desk.locale()).text for one in others})
        if article and request.method != "POST":
            form.start_from(_chosen(earlier(session, article)))
        return form

    def start_from(self, words: TextRevision | None) -> None:
        """Earlier words, to be looked at and saved again."""
        if words is not None:
            kept: Field = self[words.field]
            kept.data = {locale: words.body.by_locale.get(locale, "") for locale in kept.locales}

    def card(self, position: int) -> Card:
        category = {code: words for code, words in self.category.data.items() if words} or None
        related, valid = tuple(self.related.data), (self.valid_from.data, self.valid_until.data)
        return Card(self.kind.data, category, position, related, *valid)

    def send(self, session: Session, slug: str, position: int) -> None:
        actor, title, body, version = (
            desk.actor(),
            self.title.written(),
            self.body.result() or self.body.first(),
            self.seen_version(),
        )
        actions.edit(session, actor, slug, title=title, body=body, card=self.card(position), version=version)
        actions.bind(session, actor, slug, bindings(self.bound.data))


class NewArticle(ArticleForm):
    """An article that has no address yet."""

    slug = StringField(noop("Address (small letters, digits, hyphens)"), [Needed(), Limit(80)])

    def create(self, session: Session) -> None:
        actor, title, body = desk.actor(), self.title.written(), self.body.result() or self.body.first()
        card, bound = self.card(len(self.related.choices) + 1), bindings(self.bound.data)
        actions.create(session, actor, self.slug.data.strip(), title=title, body=body, card=card, bound=bound)


class OrderForm(StaffForm):
    """The addresses of articles, one a line, in the order wanted."""

    slugs = TextAreaField(noop("Addresses in their order, one a line"), [Limit(100_000)])

    def send(self, session: Session) -> None:
        actions.order(session, desk.actor(), self.slugs.data.split())


def earlier(session: Session, article: Article) -> Sequence[TextRevision]:
    """What the article said before, the newest first."""
    return tuple(reversed(revisions(session, "article", str(article.uuid))))


def _chosen(offered: Sequence[TextRevision]) -> TextRevision | None:
    return next((one for one in offered if str(one.id) == request.args.get("words")), None)


def register(app: Flask) -> None:
    both, one = ["GET", "POST"], f"{LIST}<slug>/"
    app.add_url_rule(LIST, "staff.faq", articles)
    app.add_url_rule(f"{LIST}new", "staff.new_article", new, methods=both)
    app.add_url_rule(f"{LIST}order", "staff.order_articles", order, methods=both)
    app.add_url_rule(one, "staff.article", edit, methods=both)
    app.add_url_rule(f"{one}publish", "staff.publish_article", publish, methods=["POST"])
    app.add_url_rule(f"{one}unpublish", "staff.unpublish_article", unpublish, methods=["POST"])


@policy.needs("staff", Permission.READ)
def articles() -> Response:
    with reading() as session:
        return desk.page(
            "staff/faq/list.html", articles=queries.in_order(session), kinds=KINDS, locales=site().settings.locales
        )


@policy.needs("staff", Permission.ARTICLES)
def new() -> AnyResponse:
    with reading() as session:
        form = NewArticle.of(session)
    if form.accepted():
        with form.saving() as session:
            form.create(session)
        if form.saved:
            return desk.done(f"{LIST}{form.slug.data.strip()}/")
    return desk.page("staff/faq/edit.html", form.status, form=form, article=None, earlier=())


@policy.needs("staff", Permission.ARTICLES)
def edit(slug: str) -> AnyResponse:
    with reading() as session:
        article = queries.by_slug(session, slug)
        form, kept = ArticleForm.of(session, article), earlier(session, article)
    if form.accepted():
        with form.saving() as session:
            form.send(session, slug, article.position)
        if form.saved:
            return desk.done(f"{LIST}{slug}/", desk.PUBLISHED if article.published_at else desk.SAVED)
    return desk.page("staff/faq/edit.html", form.status, form=form, article=article, earlier=kept)


@policy.needs("staff", Permission.ARTICLES)
def publish(slug: str) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.publish(session, desk.actor(), slug)
    return desk.done(f"{LIST}{slug}/", desk.PUBLISHED)


@policy.needs("staff", Permission.ARTICLES)
def unpublish(slug: str) -> AnyResponse:
    Act.received().demand()
    with transaction() as session:
        actions.unpublish(session, desk.actor(), slug)
    return desk.done(f"{LIST}{slug}/", HIDDEN)


@policy.needs("staff", Permission.ARTICLES)
def order() -> AnyResponse:
    with reading() as session:
        slugs = [one.slug for one in queries.in_order(session)]
    form = OrderForm.received(slugs="\n".join(slugs))
    if form.accepted():
        with form.saving() as session:
            form.send(session)
        if form.saved:
            return desk.done(LIST, ORDERED)
    return desk.page("staff/faq/order.html", form.status, form=form)
