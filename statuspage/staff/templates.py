"""Update templates: what to say, in both languages, when there is no time to find the words."""

import re
from dataclasses import dataclass

from flask import request

from statuspage.incidents.rules import Stage

BLANK = re.compile(r"\{\w+\}")


@dataclass(frozen=True)
class UpdateTemplate:
    """Words to start from; blanks stand in braces."""

    slug: str
    stage: Stage
    name: dict[str, str]
    body: dict[str, str]


# Written for customers, so that they exist in every language at once and are not part of the desk's catalogue.
TEMPLATES = (
    UpdateTemplate(
        "investigating",
        Stage.INVESTIGATING,
        {"pl": "Coś nie działa, szukamy przyczyny", "en": "Something is down, cause not known yet"},
        {
            "pl": "Na panelu {panel} (konta założone {daty}) od {godzina} są kłopoty. Przyczyny jeszcze nie znamy.\n\n"
            "Następną wiadomość napiszemy do {godzina}, nawet jeśli nic się nie zmieni.",
            "en": "There is trouble on panel {panel} (accounts created {dates}) since {time}. "
            "We do not know the cause yet.\n\nThe next message comes by {time}, even if nothing has changed.",
        },
    ),
    UpdateTemplate(
        "identified",
        Stage.IDENTIFIED,
        {"pl": "Znamy przyczynę", "en": "Cause known"},
        {
            "pl": "Wiemy, co się stało na panelu {panel} (konta założone {daty}): {przyczyna}.\n\n"
            "Co możesz teraz zrobić: {rada}.\n\nNastępna wiadomość do {godzina}.",
            "en": "We know what happened on panel {panel} (accounts created {dates}): {cause}.\n\n"
            "What you can do now: {advice}.\n\nNext message by {time}.",
        },
    ),
    UpdateTemplate(
        "estimate-moved",
        Stage.IDENTIFIED,
        {"pl": "Termin się przesunął", "en": "The date has moved"},
        {
            "pl": "Panel {panel} (konta założone {daty}) wróci później, niż zapowiadano. "
            "Nowy termin: {dzień} ({źródło}). Powód: {powód}.\n\nNie musisz czekać bezczynnie: {rada}.",
            "en": "Panel {panel} (accounts created {dates}) will be back later than announced. "
            "New date: {day} ({source}). Reason: {reason}.\n\nYou need not sit and wait: {advice}.",
        },
    ),
    UpdateTemplate(
        "resolved",
        Stage.RESOLVED,
        {"pl": "Już działa", "en": "It works again"},
        {
            "pl": "Panel {panel} (konta założone {daty}) działa normalnie od {godzina}.\n\n"
            "Co jeszcze warto zrobić: {rada}.",
            "en": "Panel {panel} (accounts created {dates}) has worked as normal since {time}.\n\n"
            "What is still worth doing: {advice}.",
        },
    ),
)


def offered() -> tuple[UpdateTemplate, ...]:
    """The templates that a composer offers."""
    return TEMPLATES


def chosen() -> UpdateTemplate | None:
    """The template that the address of the page names."""
    wished = request.args.get("template", "")
    return next((one for one in TEMPLATES if one.slug == wished), None)
