"""Templates are compiled ahead, and one that is broken stops no other."""

from jinja2 import DictLoader

from statuspage.web.site import Site


def test_a_broken_template_does_not_keep_the_others_from_being_made_ready(site: Site) -> None:
    environment = site.pages.environments["pl"]
    environment.loader = DictLoader({"a.html": "{% if %}", "b.html": "ready"})
    environment.cache.clear()
    site.pages.warm()
    assert [name for _, name in environment.cache] == ["b.html"]
