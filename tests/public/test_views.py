"""Pages that answer a reader's input, without the database; and errors in words."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import text

from statuspage import db
from statuspage.web.site import Site


def found(client: FlaskClient, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    tree = html.document_fromstring(response.text)
    return [link.rsplit("/", 2)[1] for link in tree.xpath("//section[@aria-labelledby='found']//li/a/@href")]


@pytest.mark.parametrize("query", ["zamowienia", "ZAMÓWIENIA", "zamówienia 9 marca", "wyslalem"])
def test_search_ignores_case_and_diacritics(scene: Site, client: FlaskClient, query: str) -> None:
    assert "orders-imported-again" in found(client, f"/faq/?q={query}")


def test_search_prefers_articles_with_all_words_and_puts_titles_first(scene: Site, client: FlaskClient) -> None:
    assert found(client, "/faq/?q=zamowienia 9 marca") == ["orders-imported-again"]
    assert found(client, "/en/faq/?q=warehouse") == ["warehouse-access"]
    assert found(client, "/faq/?q=zamowienia")[-1] in {"orders-imported-again", "duplicates"}


def test_search_without_a_hit_says_what_to_do_next(scene: Site, client: FlaskClient) -> None:
    page = client.get("/en/faq/?q=<b>unicorn</b>").text
    assert "0 answers" in page
    assert "&lt;b&gt;unicorn" in page
    assert "support@example.com" in page


def test_an_empty_search_is_the_plain_page(scene: Site, client: FlaskClient) -> None:
    assert 'id="found"' not in client.get("/faq/?q=%20").text


def test_questions_of_readers_are_answered_with_the_database_gone(scene: Site, client: FlaskClient) -> None:
    path = db.sqlite_path(db.db.engine)
    if path is None:
        with db.db.engine.begin() as connection:
            connection.execute(text("ALTER TABLE panel RENAME TO lost"))
    else:
        db.db.engine.dispose()
        for one in Path(path.parent).glob(f"{path.name}*"):
            one.unlink()
    try:
        assert client.get("/which-panel/?created=2020-09-15").status_code == 200
        assert client.get("/en/faq/?q=orders").status_code == 200
        assert client.get("/").status_code == 200
    finally:
        if path is None:
            with db.db.engine.begin() as connection:
                connection.execute(text("ALTER TABLE lost RENAME TO panel"))
    assert path is None or not path.exists()


@pytest.mark.parametrize(
    ("address", "words"), [("/nothing/", "Nie ma takiej strony"), ("/en/nothing/", "This page does not exist")]
)
def test_a_wrong_address_is_answered_in_the_readers_language(
    scene: Site, client: FlaskClient, address: str, words: str
) -> None:
    response = client.get(address)
    assert response.status_code == 404
    tree = html.document_fromstring(response.text)
    assert tree.xpath("//h1")[0].text_content() == words
    assert tree.xpath("//main//a/@href") == ["/en/" if address.startswith("/en/") else "/"]
    assert "requested URL was not found" not in response.text


def test_before_the_first_publication_a_page_says_to_wait(client: FlaskClient) -> None:
    response = client.get("/which-panel/?created=2020-09-15")
    assert response.status_code == 503
    assert response.headers["Retry-After"]
