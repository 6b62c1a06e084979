"""Templates: one Jinja environment per locale, with dates, plurals and addresses of the site."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, TemplateError
from jinja2.bccache import Bucket
from markupsafe import Markup

from statuspage import i18n, paths
from statuspage.publishing.digests import digest
from statuspage.settings import data_dir
from statuspage.texts.rules import Reading, Texts
from statuspage.web.assets import Assets

# Some for each panel and one for each incident, in each locale, and those that a few changes leave behind.
PARTS = 4000
log = structlog.get_logger()


class Compiled(BytecodeCache):
    """Compiled templates of one locale, kept by the process: compiling costs ten times what rendering does."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self.kept:
            bucket.bytecode_from_string(self.kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[bucket.key] = bucket.bytecode_to_string()


@cache
def _compiled(locale: str) -> Compiled:
    return Compiled()


class Pages:
    """All templates of the site, in each of its locales."""

    def __init__(self, locales: tuple[str, ...], zone: ZoneInfo, assets: Assets) -> None:
        self.locales = locales
        self.zone = zone
        self.assets = assets
        self.environments: Mapping[str, Environment] = {locale: self._environment(locale) for locale in locales}
        self._parts: dict[tuple[str, str, bytes], Markup] = {}

    def render(self, locale: str, template: str, /, **context: Any) -> str:
        """One page in one locale. A name that is not in the context is an error, never an empty string."""
        return self.environments[locale].get_template(template).render(context)

    def part(self, locale: str, template: str, /, **context: Any) -> Markup:
        """A part of a page that others share, or the same page had before: the same context is not rendered again."""
        name = locale, template, digest(context)
        found = self._parts.get(name)
        if found is None:
            found = Markup(self.render(locale, template, **context))  # noqa: S704  # a template's output
            if len(self._parts) >= PARTS:
                self._parts.clear()
            self._parts[name] = found
        return found

    def warm(self) -> None:
        """Compile all templates now, so that the first post after a start is as quick as the next."""
        for environment in self.environments.values():
            for name in environment.list_templates(extensions=["html", "txt"]):
                _compile(environment, name)

    def href(self, kind: str, locale: str, *parts: str) -> str:
        return paths.path(kind, locale, self.locales[0], *parts)

    def _environment(self, locale: str) -> Environment:
        environment = Environment(
            loader=FileSystemLoader(data_dir() / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=_compiled(locale),
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        environment.policies["ext.i18n.trimmed"] = True
        catalogue = i18n.translations(locale)
        environment.install_gettext_callables(  # type: ignore[attr-defined]  # added by jinja2.ext.i18n
            catalogue.gettext, catalogue.ngettext, newstyle=True
        )
        environment.globals.update(
            locale=locale,
            locales=self.locales,
            locale_names=i18n.NAMES,
            territories=i18n.TERRITORIES,
            asset=self.assets.url,
            href=lambda kind, *parts: self.href(kind, locale, *parts),
            href_in=lambda other, kind, *parts: self.href(kind, other, *parts),
            text=partial(_text, locale),
            part=partial(self.part, locale),
            zone=self.zone,
        )
        environment.filters.update(_filters(locale, self.zone))
        return environment


def _compile(environment: Environment, name: str) -> None:
    try:
        environment.get_template(name)
    except TemplateError:  # it fails again where it is rendered; the others must be ready all the same
        log.exception("template.broken", template=name)


def _filters(locale: str, zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    return {
        "read": lambda texts: texts.read(locale).text,
        "prose": partial(_prose, locale),
        "prose_in": lambda texts, other: _prose(other, texts),
        "day": lambda value, **kind: i18n.day(locale, _local_day(value, zone), **kind),
        "since_day": lambda value: i18n.since_day(locale, _local_day(value, zone)),
        "date": lambda value: i18n.date_of(locale, _local_day(value, zone)),
        "short_day": lambda value: i18n.short_day(locale, _local_day(value, zone)),
        "month": lambda value: i18n.month(locale, value),
        "moment": lambda value: i18n.moment(locale, value, zone),
        "moment_in_utc": lambda value: i18n.moment_in_utc(locale, value, zone),
        "time": lambda value: i18n.clock_time(locale, value, zone),
        "machine": lambda value: value.astimezone(zone).isoformat(timespec="seconds"),
        "number": lambda value: i18n.number(locale, value),
        "percent": lambda value, digits=1: i18n.percent(locale, value, digits),
        "iso_day": lambda value: _local_day(value, zone).isoformat(),
        "tie": lambda words: i18n.tie_orphans(words) if locale == "pl" else words,
        "digest": lambda words: hashlib.sha256(words.encode()).hexdigest()[:8],
    }


def _local_day(value: date | datetime, zone: ZoneInfo) -> date:
    return value.astimezone(zone).date() if isinstance(value, datetime) else value


def _text(locale: str, texts: Texts) -> Reading:
    """What a reader of this locale gets of a text, and whether it must be marked."""
    return texts.read(locale)


def _prose(locale: str, texts: Texts) -> Markup:
    """The one place where stored HTML reaches a page: it was sanitised when it was written."""
    return Markup(texts.read(locale).html)  # noqa: S704  # sanitised by texts.rules.to_html


def build_id(version: str, assets: Assets) -> str:
    """Names this build of code, templates, catalogues and assets: another build renders every page anew."""
    digest = hashlib.sha256(version.encode())
    code = i18n.CATALOGUES.parent
    for folder, pattern in ((data_dir() / "templates", "*"), (i18n.CATALOGUES, "*.po"), (code, "*.py")):
        for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
            digest.update(path.read_bytes())
    digest.update("".join(assets.names.values()).encode())
    return digest.hexdigest()[:12]
