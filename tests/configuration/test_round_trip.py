"""What is exported imports to the same site: into itself without a change, into an empty one in full."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.configuration import actions
from statuspage.configuration.references import Hiding
from statuspage.configuration.shapes import fit, schema
from statuspage.db import transaction
from statuspage.demo import load
from statuspage.demo.looks import aim
from statuspage.demo.props import Props
from statuspage.demo.story import OPENING
from statuspage.errors import Invalid
from statuspage.panels.models import Component, Function, Panel
from statuspage.probing import guard
from statuspage.probing.models import Probe
from statuspage.publishing.queries import compose_latest
from statuspage.web import yaml
from statuspage.web.site import Site
from tests.configuration import sites
from tests.configuration.sites import SITE, emptied, imported, planned, written

MORE = """
    components:
      login:
        probes:
          - {name: tls, kind: tls, target: "panel-b.example.com:443"}
          - {name: another, kind: ping, target: panel-b.example.com}
"""
SENT = r"""method: POST
            headers: |
              Authorization: Bearer s3cret
              Accept: text/html
              X-Odd: $$${T}
            body: user=a&password=pa55"""
pytestmark = pytest.mark.usefixtures("app")
SCHEMA = Draft202012Validator(schema("https://status.example.com"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(rows=sites.rows())
def test_any_site_comes_back_from_its_file(rows: list[Panel | Function | Component | Probe]) -> None:
    with transaction() as session:
        emptied(session)
        session.add_all(rows)
        session.flush()
        words = written(session)
        SCHEMA.validate(yaml.read(words.encode()).data)
        assert planned(session, words, prune=True).changes == ()
        emptied(session)
        session.expire_all()
        imported(session, words)
        session.expire_all()
        assert written(session) == words


def test_the_rows_of_the_database_may_lie_in_any_order() -> None:
    with transaction() as session:
        imported(session, SITE + MORE)
        words = written(session)
        page = session.scalars(select(Probe).where(Probe.name == "page")).one()
        component, fields = page.component_id, {one: getattr(page, one) for one in ("name", "kind", "target", "expect")}
        session.delete(page)
        session.flush()
        session.add(Probe(component_id=component, created_at=page.created_at, **fields))
        assert written(session) == words


def test_secrets_come_back_from_the_environment() -> None:
    with transaction() as session:
        imported(session, SITE.replace("keyword: Welcome", SENT).replace("/health", "/health?q=k3y"))
        plain, hiding = written(session), Hiding()
        words = written(session, hiding)
        assert not [secret for secret in ("s3cret", "k3y", "pa55") if secret in words]
        assert "Accept: text/html" in words, "what everybody sends is no secret"
        with pytest.raises(Invalid) as refused:
            planned(session, words)
        assert [one.path.rpartition("/")[2] for one in refused.value.fields] == ["target", "headers", "headers", "body"]
        values = ["q=k3y", "Bearer s3cret", "$${T}", "user=a&password=pa55"]
        environment = dict(zip(hiding.names, values, strict=True))
        emptied(session)
        session.expire_all()
        imported(session, words, **environment)
        assert written(session) == plain


def test_two_secrets_never_share_a_name() -> None:
    hiding = Hiding()
    for name in ("a b", "a-b", "ą", "ę", "a b 2"):
        hiding.hidden({"body": "x"}, f"panel_api_{name}")
    assert len(hiding.names) == len(set(hiding.names)) == 5
    assert max(hiding.names.values()) == 2


def test_the_demo_comes_back_in_an_empty_database(site: Site, tmp_path: Path) -> None:
    allow = guard.networks(["127.0.0.1/32"])
    with transaction() as session:
        load.load(session, OPENING)
        aim(session, Props(tmp_path))
        words, before = written(session), grid(session, site)
        load.empty(session)
        session.expire_all()
        done = actions.apply(session, fit(yaml.read(words.encode()).data), allow, SYSTEM, prune=False)
        assert grid(session, site) == before
        assert written(session) == words
    assert len(before) == 4
    assert len(done.heartbeats) == 4, "one a panel, each with a new address"


def grid(session: Session, site: Site) -> list[object]:
    """What the public sees of it, but for what happened."""
    page = compose_latest(session, site.publisher.brand, clock.now())
    return [
        (one.slug, one.name, one.description, one.login_url, one.accounts_from, one.accounts_until,
         one.opens_temporary, [(page.function_by_slug[cell.function].name, cell.function) for cell in one.cells])
        for one in page.panels
    ]  # fmt: skip
