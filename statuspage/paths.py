"""The addresses of the public site: promises that pages, feeds and programs share."""

PATTERNS = {
    "overview": "/",
    "panel": "/panels/{}/",
    "panel-atom": "/panels/{}.atom",
    "panel-rss": "/panels/{}.rss",
    "panel-atom-archive": "/panels/{}/archive/{}.atom",
    "panel-rss-archive": "/panels/{}/archive/{}.rss",
    "incident": "/incidents/{}/",
    "incident-atom": "/incidents/{}.atom",
    "incident-atom-archive": "/incidents/{}/archive/{}.atom",
    "history": "/history/",
    "month": "/history/{}/",
    "atom": "/history.atom",
    "rss": "/history.rss",
    "atom-archive": "/archive/{}.atom",
    "rss-archive": "/archive/{}.rss",
    "calendar": "/calendar.ics",
    "maintenance": "/maintenance/{}/",
    "faq": "/faq/",
    "article": "/faq/{}/",
    "helpful": "/faq/{}/helpful",
    "which-panel": "/which-panel/",
    "recovery": "/recovery/",
    "recovery-link": "/recovery/link/",
    "recovery-my": "/recovery/my/",
    "recovery-choice": "/recovery/my/choices/{}/",
    "recovery-requests": "/recovery/my/requests/",
    "recovery-key": "/recovery/a/{}/",
    "subscribe": "/subscribe/",
    "api-docs": "/api/",
    "now": "/now.json",
    "badge": "/badge.svg",
    "badge-json": "/badge.json",
    "panel-badge": "/panels/{}/badge.svg",
    "panel-badge-json": "/panels/{}/badge.json",
    "embed": "/embed/",
    "sitemap": "/sitemap.xml",
    "robots": "/robots.txt",
    "not-found": "/404.html",
}


def path(kind: str, locale: str, default_locale: str, *parts: str) -> str:
    """The path of one thing: at the root in the default locale, else below `/<locale>`."""
    plain = PATTERNS[kind].format(*parts)
    return plain if locale == default_locale else f"/{locale}{plain}"
