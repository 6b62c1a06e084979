"""Templates are compiled ahead, one that is broken stops no other, and parts are rendered once."""

from jinja2 import DictLoader

from statuspage.web.site import Site


def test_a_broken_template_does_not_keep_the_others_from_being_made_ready(site: Site) -> None:
    environment = site.pages.environments["pl"]
    environment.loader = DictLoader({"a.html": "{% if %}", "b.html": "ready"})
    environment.cache.clear()
    site.pages.warm()
    assert [name for _, name in environment.cache] == ["b.html"]


def test_a_part_is_rendered_once_for_each_context_and_language_and_is_safe_to_put_in(site: Site) -> None:
    rendered: list[str] = []

    def note(word: str) -> str:
        rendered.append(word)
        return word

    for environment in site.pages.environments.values():
        environment.loader = DictLoader({"part.html": "<b>{{ note(word) }}</b>"})
        environment.globals["note"] = note
    words = [site.pages.part(locale, "part.html", word=word) for word in ("<i>", "<i>", "x") for locale in ("pl", "en")]
    assert rendered == ["<i>", "<i>", "x", "x"]
    assert words[0] == "<b>&lt;i&gt;</b>"
    assert words[0].__html__() == words[0]
