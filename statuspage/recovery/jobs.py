"""Marks progress for charts and feeds, mails links and reminders, forgets old wishes for links."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import structlog

from statuspage import clock, paths
from statuspage.db import reading, touch, transaction
from statuspage.mail.client import Post, Undelivered
from statuspage.recovery.actions import mailing
from statuspage.recovery.actions.accounts import forget_requests
from statuspage.recovery.actions.progress import mark_progress, note_growth, stamp_marks, thin_points
from statuspage.recovery.queries.mailing import due_reminders, wanted_links
from statuspage.recovery.rules.letters import link_letter, reminder

log = structlog.get_logger()


def mark() -> None:
    """Every minute: a point on the chart of each stage that has moved, the marks it came to, the steps of N."""
    with transaction(quiet=True) as session:
        now = clock.now()
        mark_progress(session, now)
        if note_growth(session, now) + stamp_marks(session, now):
            touch(session)


def thin() -> None:
    """Every ten minutes: of old points of the charts few are kept."""
    with transaction(quiet=True) as session:
        thin_points(session, clock.now())


def forget() -> None:
    """Every hour: wishes for links are kept for 30 days."""
    with transaction(quiet=True) as session:
        forget_requests(session, clock.wall())


@dataclass(frozen=True)
class Mail:
    """Sends the letters that are due. What cannot be sent is tried again after a pause; the row is stamped after."""

    post: Post
    base_url: str
    locales: tuple[str, ...]
    zone: ZoneInfo

    def send_links(self) -> int:
        """Every few seconds: links to those who asked for theirs and have a contact. Returns how many were tried."""
        with reading() as session:
            if session.scalar(wanted_links(clock.wall())) is None:
                return 0
        return sum(1 for _ in iter(self._send_link, None))

    def _send_link(self) -> bool | None:
        """Whether the next link could be sent; None when there is none."""
        with transaction(quiet=True) as session:
            wanted = mailing.claim_link(session, clock.wall())
        if wanted is None:
            return None
        locale = wanted.locale if wanted.locale in self.locales else self.locales[0]
        path = paths.path("recovery-key", locale, self.locales[0], wanted.token)
        try:
            self.post.send(link_letter(locale, wanted.to, f"{self.base_url}{path}", wanted.wish))
        except Undelivered as error:
            log.warning("mail.undelivered", about=f"link_request:{wanted.wish}", reason=error.reason)
            if error.for_good:
                with transaction(quiet=True) as session:
                    mailing.give_up_link(session, wanted)
            return False
        with transaction(quiet=True) as session:
            mailing.link_sent(session, wanted, clock.wall())
        return True

    def remind(self) -> int:
        """Every minute: owners of choices whose deadline is near. Returns how many were tried."""
        with reading() as session:
            if session.scalar(due_reminders(clock.now(), clock.wall())) is None:
                return 0
        return sum(1 for _ in iter(self._remind, None))

    def _remind(self) -> bool | None:
        """Whether the next reminder could be sent; None when there is none."""
        with transaction(quiet=True) as session:
            due = mailing.claim_reminder(session, clock.now(), clock.wall())
        if due is None:
            return None
        try:
            self.post.send(reminder(due, self.locales, self.zone, self.base_url))
        except Undelivered as error:
            log.warning("mail.undelivered", about=f"choice:{due.choice_id}", reason=error.reason)
            if error.for_good:
                with transaction(quiet=True) as session:
                    mailing.give_up_reminder(session, due)
            return False
        with transaction(quiet=True) as session:
            mailing.reminded(session, due, clock.wall())
        return True
