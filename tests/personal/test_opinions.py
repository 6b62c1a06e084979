"""Readers say whether an article helped; only how many is kept."""

import pytest
from flask.testing import FlaskClient
from lxml import html
from sqlalchemy import select
from werkzeug.test import TestResponse

from statuspage.audit.actions import SYSTEM
from statuspage.db import Site as SiteRow
from statuspage.db import reading, transaction
from statuspage.faq.actions import unpublish
from statuspage.faq.models import Article
from statuspage.personal.opinions import PER_ADDRESS
from statuspage.web.site import Site

ADDRESS = "/faq/warehouse-access/helpful"


def press(client: FlaskClient, path: str, value: str, address: str) -> TestResponse:
    return client.post(path, data={"helpful": value}, environ_base={"REMOTE_ADDR": address})


def counts() -> tuple[int, int]:
    with reading() as session:
        found = select(Article.helpful, Article.unhelpful).where(Article.slug == "warehouse-access")
        return tuple(session.execute(found).one())


def revision() -> int:
    with reading() as session:
        return session.scalars(select(SiteRow.revision)).one()


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_the_buttons_below_an_article_count_and_lead_back_to_a_thank_you(
    scene: Site, client: FlaskClient, prefix: str
) -> None:
    page = html.document_fromstring(client.get(f"{prefix}/faq/warehouse-access/").text)
    form = page.forms[-1]
    assert form.action == f"{prefix}{ADDRESS}"
    buttons = form.xpath(".//button[@name='helpful']/@value")
    before = revision()
    for value in buttons:
        answer = press(client, form.action, value, "192.0.2.1")
        assert (answer.status_code, answer.location) == (303, f"{prefix}/faq/warehouse-access/#thanks")
    assert page.get_element_by_id("thanks").text_content()
    assert counts() == (1, 1)
    assert revision() == before
    assert "Set-Cookie" not in answer.headers


def test_what_is_not_published_or_no_answer_is_not_counted(scene: Site, client: FlaskClient) -> None:
    assert press(client, ADDRESS, "perhaps", "192.0.2.2").status_code == 422
    assert press(client, "/faq/no-such/helpful", "yes", "192.0.2.2").status_code == 404
    with transaction() as session:
        unpublish(session, SYSTEM, "warehouse-access")
    assert press(client, ADDRESS, "yes", "192.0.2.2").status_code == 404
    assert client.get(ADDRESS).status_code in {404, 405}
    assert counts() == (0, 0)


def test_one_reader_alone_cannot_press_without_end(scene: Site, client: FlaskClient) -> None:
    allowed = int(PER_ADDRESS.split()[0])
    statuses = [press(client, ADDRESS, "no", "192.0.2.3").status_code for _ in range(allowed + 2)]
    assert statuses == [303] * allowed + [429] * 2
    assert counts() == (0, allowed)
