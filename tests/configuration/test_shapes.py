"""The shape of the file: what it refuses, where, and its published schema."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from statuspage.configuration.probes import SHAPES, Base
from statuspage.configuration.shapes import PATH, fit, schema
from statuspage.errors import Invalid
from statuspage.probing.kinds import KINDS
from statuspage.probing.rules import Kind
from statuspage.web import yaml
from statuspage.web.site import Site
from tests.configuration.sites import SITE

PROBE = "/panels/0/components/login/probes/0"
WRONG: list[tuple[str, str, str, str]] = [
    ("key: true", "key: yes", "/functions/0/key", "true or false"),
    ("key: true", "keys: true", "/functions/0/keys", "not a key of this place"),
    ("slug: login", "slug: Log in", "/functions/0/slug", "small letters"),
    ("slug: login", "slug: new", "/functions/0/slug", "small letters"),
    ("  - slug: login\n    name", "  - name", "/functions/0/slug", "is missing"),
    ("{pl: API, en: API}", "API", "/functions/1/name", "mapping"),
    ("{pl: API, en: API}", "{}", "/functions/1/name", "at least one language"),
    ("{pl: API, en: API}", "{pl: ' '}", "/functions/1/name", "at least one language"),
    ("{pl: API, en: API}", "{de: API}", "/functions/1/name/de", "not a key of this place"),
    ("{pl: API, en: API}", "{pl: 7}", "/functions/1/name/pl", "between quotes"),
    ("{pl: API, en: API}", f"{{pl: {'x' * 81}}}", "/functions/1/name/pl", "80"),
    ("{pl: API, en: API}", "{pl: API, source: en}", "/functions/1/name", "source language"),
    ("{pl: API, en: API}", "{pl: API, stale: [en]}", "/functions/1/name", "stale"),
    ("accounts_until: 2019-11-17", "accounts_until: 2019-11-31", "/panels/0/accounts_until", "like 2020-08-27"),
    ("accounts_until: 2019-11-17", "accounts_until: 20191117", "/panels/0/accounts_until", "like 2020-08-27"),
    ("accounts_from: 2019-11-18", "accounts_from: 2019-11-18\n    accounts_until: 2019-11-17", "/panels/1", "before"),
    ("https://panel-a.example.com/\n", "javascript:alert(1)\n", "/panels/0/login_url", "web address"),
    ("kind: http", "kind: gopher", PROBE, "has a kind that is none of"),
    ("            kind: http\n", "", PROBE, "has no kind"),
    ("keyword: Welcome", "record: A", f"{PROBE}/record", "not a key of this place"),
    ("keyword: Welcome", "method: BREW", f"{PROBE}/method", "GET"),
    ("keyword: Welcome", "interval: '30'", f"{PROBE}/interval", "whole number"),
    ("keyword: Welcome", "interval: 0", f"{PROBE}/interval", "greater than or equal to 1"),
    ("keyword: Welcome", "slow_ms: 1.5", f"{PROBE}/slow_ms", "whole number"),
]


def fitted(words: str) -> Any:
    return fit(yaml.read(words.encode()).data)


@pytest.mark.parametrize(("right", "wrong", "path", "reason"), WRONG)
def test_a_fault_is_named_where_it_stands(right: str, wrong: str, path: str, reason: str) -> None:
    assert right in SITE
    with pytest.raises(Invalid) as refused:
        fitted(SITE.replace(right, wrong, 1))
    (fault,) = refused.value.fields
    assert fault.path == path
    assert reason in fault.reason


@pytest.mark.parametrize("raw", [[], "x", 7, None])
def test_what_is_no_mapping_at_all_is_refused(raw: Any) -> None:
    with pytest.raises(Invalid) as refused:
        fit(raw)
    assert "mapping" in refused.value.fields[0].reason


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_probe_has_all_its_settings_in_the_file_and_no_other(kind: Kind) -> None:
    shape = SHAPES[kind]
    assert set(shape.model_fields) - set(Base.model_fields) == set(KINDS[kind].SETTINGS)
    assert set(schema("")["$defs"][shape.__name__]["properties"]) == set(shape.model_fields)


def test_the_published_schema_takes_and_refuses_what_the_import_does(scene: Site, client: FlaskClient) -> None:
    published = client.get(PATH)
    assert published.headers["Access-Control-Allow-Origin"] == "*"
    Draft202012Validator.check_schema(published.json)
    assert published.json == schema(scene.settings.base_url)
    checked = Draft202012Validator(published.json)
    checked.validate({"$schema": "https://status.example.com" + PATH, **yaml.read(SITE.encode()).data})
    for right, wrong, _, reason in WRONG:
        if reason not in {"at least one language", "source language", "stale", "before", "like 2020-08-27"}:
            broken = yaml.read(SITE.replace(right, wrong, 1).encode()).data
            if "javascript" not in wrong and "slug: new" not in wrong and "81" not in reason:
                with pytest.raises(ValidationError):
                    checked.validate(broken)
