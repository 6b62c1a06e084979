"""Reads tokens and kept answers."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from statuspage.errors import existing
from statuspage.i18n import noop
from statuspage.tokens.models import ApiToken, StoredAnswer
from statuspage.tokens.rules import ANSWERS_LAST


def all_tokens(session: Session) -> Sequence[ApiToken]:
    """Every token ever made, the newest first."""
    return session.scalars(select(ApiToken).order_by(ApiToken.id.desc())).all()


def by_id(session: Session, token_id: int) -> ApiToken:
    """One token. Raises `NotFound`."""
    return existing(session.get(ApiToken, token_id), noop("There is no such token."))


def by_prefix(session: Session, prefix: str) -> ApiToken | None:
    return session.scalar(select(ApiToken).where(ApiToken.prefix == prefix))


def stored_answer(session: Session, token_id: int, route: str, key: str, now: datetime) -> StoredAnswer | None:
    """The answer kept for this key, while it is kept."""
    found = select(StoredAnswer).where(
        StoredAnswer.token_id == token_id,
        StoredAnswer.route == route,
        StoredAnswer.key == key,
        StoredAnswer.at > now - ANSWERS_LAST,
    )
    return session.scalar(found)
