"""Articles: written, bound, ordered, voted on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from statuspage import clock, db
from statuspage.audit.actions import Actor
from statuspage.errors import Conflict, Invalid, NotFound
from statuspage.faq import actions, queries
from statuspage.faq.actions import Card
from statuspage.faq.models import Article, Binding
from statuspage.faq.rules import Bound, Kind
from statuspage.texts.queries import revisions
from tests import scenes
from tests.races import together

ANNA = Actor("staff:1")
QUESTION = Card(Kind.QUESTION)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    scenes.live_at()
    with db.transaction() as session:
        scenes.fire(session, scenes.panels(session))
        yield session


def create(session: Session, slug: str = "double-orders", card: Card = QUESTION, **rest: object) -> Article:
    title, body = scenes.both("Dwa razy", "Twice"), scenes.told("Przejrzyj.", "Look through.")
    return actions.create(session, ANNA, slug, title=title, body=body, card=card, **rest)


def test_a_new_article_is_a_draft_until_it_is_published(session: Session) -> None:
    article = create(session)
    assert article.published_at is None
    at = actions.publish(session, ANNA, article.slug).published_at
    assert actions.publish(session, ANNA, article.slug, at=clock.now() + timedelta(days=1)).published_at == at
    assert actions.unpublish(session, ANNA, article.slug).published_at is None


@pytest.mark.parametrize("slug", ["", "Big", "a b", "ż", "-a", "a--b", "a/../b", "a" * 81])
def test_an_address_is_plain(session: Session, slug: str) -> None:
    with pytest.raises(Invalid) as error:
        create(session, slug)
    assert error.value.fields[0].path == "/slug"


def test_an_address_is_given_once_even_at_the_same_moment(app: Flask) -> None:
    act = lambda session: create(session).slug  # noqa: E731
    said = together(app, act, act)
    assert sorted(type(one).__name__ for one in said) == ["Invalid", "str"]
    with db.reading() as session:
        assert session.scalar(select(func.count(Article.id))) == 1


def test_an_edit_keeps_the_earlier_words_and_a_changed_source_leaves_its_translation_stale(session: Session) -> None:
    article = create(session)
    actions.edit(session, ANNA, article.slug, title={}, body={"pl": "Nowe."}, card=QUESTION, version=article.version)
    assert article.body.freshness("en").value == "stale"
    kept = revisions(session, "article", str(article.uuid))
    assert [(one.field, one.body.by_locale["pl"]) for one in kept] == [("body", "Przejrzyj.")]
    with pytest.raises(Conflict):
        actions.edit(session, ANNA, article.slug, title={}, body={}, card=QUESTION, version=1)


def test_an_edit_that_changes_no_words_is_no_news(session: Session) -> None:
    article = create(session, at=scenes.at("2021-03-20 10:00"))
    actions.edit(session, ANNA, article.slug, title={}, body={}, card=Card(Kind.GUIDE, position=7))
    assert (article.changed_at, article.position) == (scenes.at("2021-03-20 10:00"), 7)
    assert revisions(session, "article", str(article.uuid)) == []


def test_an_article_is_shown_at_exactly_what_it_is_bound_to(session: Session) -> None:
    article = create(session, bound=[(Bound.PANEL, "panel-c"), (Bound.FUNCTION, "archive")])
    kept = article.bindings[0]
    actions.bind(session, ANNA, article.slug, [(Bound.INCIDENT, scenes.FIRE), (Bound.PANEL, "panel-c")] * 2)
    assert {(one.kind, one.subject) for one in article.bindings} == {
        (Bound.INCIDENT, scenes.FIRE),
        (Bound.PANEL, "panel-c"),
    }
    assert kept in article.bindings
    assert session.scalar(select(func.count(Binding.id))) == 2


@pytest.mark.parametrize(
    ("kind", "name"),
    [(Bound.PANEL, "panel-z"), (Bound.PANEL, "archive"), (Bound.FUNCTION, "panel-c"), (Bound.INCIDENT, "")],
)
def test_an_article_is_bound_to_nothing_that_does_not_exist(session: Session, kind: Bound, name: str) -> None:
    create(session)
    with pytest.raises(Invalid) as error:
        actions.bind(session, ANNA, "double-orders", [(kind, name)])
    assert error.value.fields[0].path == f"/bound/{kind.value}/{name}"


def test_related_articles_must_exist_and_an_article_is_not_related_to_itself(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        create(session, card=Card(Kind.QUESTION, related=("nothing",)))
    assert error.value.fields[0].path == "/related/nothing"
    create(session)
    assert create(session, "other", Card(Kind.QUESTION, related=("other", "double-orders"))).related == [
        "double-orders"
    ]


def test_an_article_cannot_stop_to_hold_before_it_begins(session: Session) -> None:
    with pytest.raises(Invalid) as error:
        create(session, card=Card(Kind.QUESTION, valid_from=scenes.NOW, valid_until=scenes.NOW))
    assert error.value.fields[0].path == "/valid_until"


def test_a_category_comes_and_goes(session: Session) -> None:
    article = create(session, card=Card(Kind.QUESTION, category={"pl": "", "en": "Shop"}))
    assert article.category is not None
    assert article.category.source == "en"
    actions.edit(session, ANNA, article.slug, title={}, body={}, card=QUESTION)
    assert article.category is None


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.permutations(["a", "b", "c"]), st.integers(0, 3))
def test_the_named_articles_come_first_in_their_order(app: Flask, slugs: list[str], named: int) -> None:
    with db.transaction() as session:
        for slug in ("a", "b", "c"):
            if session.scalar(select(Article.id).where(Article.slug == slug)) is None:
                create(session, slug)
        actions.order(session, ANNA, ["a", "b", "c"])
        actions.order(session, ANNA, slugs[:named])
        rest = [slug for slug in ("a", "b", "c") if slug not in slugs[:named]]
        assert [one.slug for one in queries.in_order(session)] == [*slugs[:named], *rest]


def test_what_does_not_exist_cannot_be_ordered(session: Session) -> None:
    create(session)
    with pytest.raises(NotFound):
        actions.order(session, ANNA, ["double-orders", "nothing"])


def test_votes_at_the_same_moment_are_all_counted_and_no_editor_meets_a_conflict(app: Flask) -> None:
    with db.transaction() as session:
        create(session)
        article = actions.publish(session, ANNA, "double-orders")
        session.flush()
        version = article.version
    opinions = [True, False, True, True]
    together(app, *(lambda session, o=opinion: actions.vote(session, "double-orders", o) for opinion in opinions))
    with db.reading() as session:
        article = queries.by_slug(session, "double-orders")
        assert (article.helpful, article.unhelpful, article.version) == (3, 1, version)


def test_nobody_votes_on_what_is_not_published(session: Session) -> None:
    create(session)
    for slug in ("double-orders", "nothing"):
        with pytest.raises(NotFound):
            actions.vote(session, slug, helpful=True)
