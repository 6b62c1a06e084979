"""Searching articles."""

from hypothesis import given
from hypothesis import strategies as st

from statuspage.faq.rules import is_valid, search
from tests.scenes import NOW, at

ROWS = [
    ("export", "Jak wyeksportować dane?", "Zamówienia z 9 marca wyeksportujesz z kopii."),
    ("orders", "Zamówienia pobierają się drugi raz", "Przejrzyj te z 9 marca, zanim coś wyślesz."),
    ("archive", "Kiedy wróci archiwum?", "22 marca. ŁÓDŹ, źdźbło."),
]


def test_zamowienia_finds_zamowienia_with_their_accents_title_first() -> None:
    assert search("zamowienia", ROWS) == ["orders", "export"]
    assert search("ZAMÓWIENIA", ROWS) == ["orders", "export"]
    assert search("lodz zdzblo", ROWS) == ["archive"]


def test_all_words_must_be_there_if_an_article_has_them_all() -> None:
    assert search("zamówienia drugi", ROWS) == ["orders"]


def test_where_no_article_has_all_words_those_with_the_most_answer() -> None:
    assert search("kiedy będzie z powrotem archiwum", ROWS) == ["archive"]
    assert search("zzz qqq", ROWS) == []


def test_an_empty_question_has_no_answer() -> None:
    assert search("", ROWS) == []
    assert search(" ?! ", ROWS) == []


@given(st.text(max_size=300))
def test_any_question_gets_known_articles_once_each(query: str) -> None:
    found = search(query, ROWS)
    assert len(found) == len(set(found))
    assert set(found) <= {slug for slug, _, _ in ROWS}


@given(
    st.lists(st.sampled_from(["zamówienia", "marca", "kopii", "raz"]), min_size=1, max_size=4, unique=True), st.data()
)
def test_the_order_of_the_words_does_not_matter(words: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(words))
    assert search(" ".join(words), ROWS) == search(" ".join(shuffled), ROWS)


def test_an_article_holds_from_its_first_moment_until_before_its_last() -> None:
    assert is_valid(NOW, None, NOW)
    assert not is_valid(None, NOW, NOW)
    assert is_valid(at("2021-03-01 00:00"), at("2021-04-01 00:00"), NOW)
    assert not is_valid(at("2021-04-01 00:00"), None, NOW)
