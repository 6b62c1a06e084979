"""Questions and guides at the desk."""

import pytest
from flask import Flask
from lxml import html

from statuspage import db
from statuspage.accounts.rules import Role
from statuspage.faq import queries
from statuspage.faq.models import Article
from statuspage.web.site import Site
from tests import scenes
from tests.staff.desks import Desk, desk_of
from tests.staff.pages import errors, nothing_written, open_form

NEW = "/staff/faq/new"
GUIDE = "/staff/faq/account-on-panel-c/"
WORDS = {
    "slug": "labels",
    "kind": "question",
    "title-pl": "Etykiety?",
    "title-en": "Labels?",
    "body-pl": "Już **działają**.",
}


@pytest.fixture
def anna(app: Flask, scene: Site) -> Desk:
    return desk_of(app)


def article(slug: str) -> Article:
    with db.reading() as session:
        return queries.by_slug(session, slug)


def test_an_article_is_written_bound_and_published(anna: Desk) -> None:
    bound = ["panel:panel-a", "function:shipments", f"incident:{scenes.FIRE}"]
    assert open_form(anna, NEW).filled({**WORDS, "bound": bound, "related": "account-on-panel-c"}).status_code == 303
    assert anna.get("/faq/labels/").status_code == 404
    kept = article("labels")
    assert [one.subject for one in kept.bindings] == ["panel-a", "shipments", scenes.FIRE]
    assert kept.related == ["account-on-panel-c"]
    assert anna.post("/staff/faq/labels/publish").status_code == 303
    assert "<strong>działają</strong>" in anna.get("/faq/labels/").text
    assert anna.post("/staff/faq/labels/unpublish").status_code == 303
    assert anna.get("/faq/labels/").status_code == 404


def test_an_edit_starts_from_what_is_saved_and_a_stale_one_loses_nothing(anna: Desk) -> None:
    sheet = open_form(anna, GUIDE)
    assert "panel:panel-c" in sheet.fields["bound"]
    assert sheet.send(body__pl="Nowa treść.", bound=["panel:panel-c"]).status_code == 303
    assert "Nowa treść." in anna.get("/faq/account-on-panel-c/").text
    assert [one.subject for one in article("account-on-panel-c").bindings] == ["panel-c"]
    stale = nothing_written(lambda: sheet.send(body__pl="Moja treść."))
    assert stale.status_code == 409
    assert "Moja treść." in stale.text
    assert "Nowa treść." in stale.text


def test_earlier_words_are_kept_and_can_be_taken_up_again(anna: Desk) -> None:
    before = article("account-on-panel-c").body.by_locale["pl"]
    open_form(anna, GUIDE).send(body__pl="Nowa treść.")
    (link,) = html.document_fromstring(anna.get(GUIDE).text).xpath("//a[starts-with(@href, '?words=')]/@href")
    sheet = open_form(anna, GUIDE + link)
    assert sheet.fields["body-pl"] == before
    assert article("account-on-panel-c").body.by_locale["pl"] == "Nowa treść."
    assert sheet.send().status_code == 303
    assert article("account-on-panel-c").body.by_locale["pl"] == before


def test_the_list_says_which_translation_is_out_of_date_or_missing(anna: Desk) -> None:
    open_form(anna, GUIDE).send(body__pl="Nowa treść.")
    open_form(anna, NEW).filled({**WORDS, "title-en": ""})
    rows = {
        row.xpath("string(th)").strip(): row.xpath("string(td[3])")
        for row in html.document_fromstring(anna.get("/staff/faq/").text).xpath("//tbody/tr")
    }
    assert rows["Etykiety?"] == "pl, en missing"
    assert "pl, en out of date" in rows.values()


def test_articles_are_put_in_order(anna: Desk) -> None:
    sheet = open_form(anna, "/staff/faq/order")
    slugs = str(sheet.fields["slugs"]).split()
    assert sheet.send(slugs="\n".join(reversed(slugs))).status_code == 303
    assert str(open_form(anna, "/staff/faq/order").fields["slugs"]).split() == slugs[::-1]
    assert nothing_written(lambda: sheet.send(slugs="nothing")).status_code == 422


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"slug": "Big Words"}, "slug"),
        ({"slug": "account-on-panel-c"}, "slug"),
        ({"slug": ""}, "slug"),
        ({"kind": "poem"}, "kind"),
        ({"title-pl": "", "title-en": ""}, "title-pl"),
        ({"title-en": "x\x1b"}, "title-en"),
        ({"body-pl": "ż" * 35 * 1024}, "body-pl"),
        ({"category-pl": "x" * 61}, "category-pl"),
        ({"bound": ["panel:panel-z"]}, "bound"),
        ({"related": ["nothing"]}, "related"),
        ({"valid_from": "2021-02-30T00:00"}, "valid_from"),
        ({"valid_from": "2021-04-01T00:00", "valid_until": "2021-03-01T00:00"}, "valid_until"),
    ],
)
def test_an_article_that_is_wrong_is_refused_at_its_field(anna: Desk, changes: dict[str, object], place: str) -> None:
    answer = nothing_written(lambda: open_form(anna, NEW).filled({**WORDS, **changes}))
    assert answer.status_code == 422
    assert place in errors(answer)


def test_a_viewer_sees_the_list_and_writes_nothing(app: Flask, scene: Site) -> None:
    viewer = desk_of(app, Role.VIEWER)
    assert viewer.get("/staff/faq/").status_code == 200
    for path in (NEW, GUIDE, f"{GUIDE}publish", f"{GUIDE}unpublish", "/staff/faq/order"):
        assert nothing_written(lambda path=path: viewer.post(path, dict(WORDS))).status_code == 403
