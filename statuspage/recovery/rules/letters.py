"""What is written to the owner of an account: their link, and a reminder of a choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage import paths
from statuspage.i18n import moment_of, noop, translate
from statuspage.mail.rules import Letter
from statuspage.recovery.rules.choices import QUESTIONS, ChoiceKind

BETWEEN = "\n\n— — —\n\n"
LINK_SUBJECT = noop("Your link to the page of your account")
LINK_BODY = noop(
    "Somebody asked for the link to the page of your account, most likely you. Here it is:\n\n%(link)s\n\n"
    "On the page you see which of your data is back, when the rest comes and what to do now. "
    "The link is yours alone and works for 90 days: do not pass it on.\n\n"
    "You did not ask for it? Then there is nothing you have to do."
)
CHOICE_SUBJECT = noop("You can still choose until %(until)s")
CHOICE_BODY = noop(
    "%(question)s\n\nWe need your choice by %(until)s. If we do not hear from you by then, this holds:\n"
    "%(default)s.\n\nYou choose on the page of your account. Ask for your link here:\n%(link)s"
)


@dataclass(frozen=True)
class Due:
    """A choice that somebody should be reminded of."""

    choice_id: int
    to: str
    kind: ChoiceKind
    default: str
    deadline: datetime


def link_letter(locale: str, to: str, link: str, wish: int) -> Letter:
    """The link to somebody's own page."""
    body = translate(locale, LINK_BODY, link=link)
    return Letter(to, translate(locale, LINK_SUBJECT), f"{body}\n", f"link-{wish}")


def reminder(choice: Due, locales: Sequence[str], zone: ZoneInfo, base_url: str) -> Letter:
    """A reminder in every language of the site: which one the owner reads is not known."""
    question, bodies, subjects = QUESTIONS[choice.kind], [], []
    for locale in locales:
        until = moment_of(locale, choice.deadline, zone)
        subjects.append(translate(locale, CHOICE_SUBJECT, until=until))
        words = {
            "question": translate(locale, question.title),
            "until": until,
            "default": translate(locale, question.options[choice.default].name),
            "link": f"{base_url}{paths.path('recovery-link', locale, locales[0])}",
        }
        bodies.append(translate(locale, CHOICE_BODY, **words))
    return Letter(choice.to, subjects[0], BETWEEN.join(bodies) + "\n", f"choice-{choice.choice_id}")
