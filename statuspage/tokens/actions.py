"""Makes, revokes and checks tokens; keeps the answers to repeated requests. Times are the machine's."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, FieldError, Forbidden, Invalid, NotFound, Unauthorised
from statuspage.tokens.models import ApiToken, StoredAnswer
from statuspage.tokens.queries import by_prefix
from statuspage.tokens.rules import (
    ANSWERS_LAST,
    LARGEST_ANSWER,
    Bearer,
    hash_secret,
    is_live,
    mint,
    read_header,
    same_secret,
    unknown_scopes,
)

NOBODY = hash_secret("")


def create(session: Session, *, name: str, scopes: Iterable[str], expires_at: datetime | None, actor: Actor) -> str:
    """Make a token and return it in plain: this is the only time that anybody sees it."""
    wanted = sorted(set(scopes))
    _check(name, wanted, expires_at)
    minted = mint()
    token = ApiToken(
        prefix=minted.prefix,
        secret_hash=minted.secret_hash,
        name=name,
        scopes=wanted,
        created_at=clock.wall(),
        expires_at=expires_at,
    )
    session.add(token)
    record(session, actor, "token.create", f"token:{minted.prefix}", after={"name": name, "scopes": wanted})
    session.flush()
    return minted.plain


def _check(name: str, scopes: list[str], expires_at: datetime | None) -> None:
    if not name.strip() or len(name) > 100:
        raise Invalid("Give the token a name.", (FieldError("/name", "1 to 100 characters, like: recovery job"),))
    if not scopes or unknown_scopes(scopes):
        raise Invalid("Choose what the token may do.", (FieldError("/scopes", "at least one, of the known scopes"),))
    if expires_at is not None and expires_at <= clock.wall():
        raise Invalid("The token would be dead at once.", (FieldError("/expires_at", "choose a time to come"),))


def revoke(session: Session, token_id: int, actor: Actor) -> None:
    """End a token now; ending it twice is the same."""
    token = session.get(ApiToken, token_id, with_for_update=True)
    if token is None:
        raise NotFound("There is no such token.")
    if token.revoked_at is None:
        token.revoked_at = clock.wall()
        record(session, actor, "token.revoke", f"token:{token.prefix}")


def authenticate(session: Session, header: str | None, scope: str, now: datetime) -> Bearer:
    """The bearer of the token of an `Authorization` header, if it is live and has the scope. Changes nothing.

    Raises `Unauthorised` for what is no live token of ours (the same words for each reason) and
    `Forbidden` when the scope is missing.
    """
    sent = read_header(header)
    token = by_prefix(session, sent.prefix) if sent else None
    kept = token.secret_hash if token else NOBODY
    if sent is None or not same_secret(kept, sent.secret_hash) or token is None or not is_live(token, now):
        raise Unauthorised("Send a valid token: Authorization: Bearer sp_…")
    if scope not in token.scopes:
        raise Forbidden(f"This token may not do that: it needs the scope {scope}.")
    return Bearer(token.id, token.prefix, token.name, tuple(token.scopes), token.last_used_at)


def note_use(session: Session, token_id: int, now: datetime) -> None:
    session.execute(update(ApiToken).where(ApiToken.id == token_id).values(last_used_at=now))


def keep_answer(session: Session, answer: StoredAnswer) -> None:
    """Keep the answer in the transaction of the work itself. Raises `Conflict` when a twin was faster."""
    if len(answer.body.encode()) > LARGEST_ANSWER:
        raise Invalid("The answer is too long to be kept.", (FieldError("", "send less, or no Idempotency-Key"),))
    stale = delete(StoredAnswer).where(
        StoredAnswer.token_id == answer.token_id,
        StoredAnswer.route == answer.route,
        StoredAnswer.key == answer.key,
        StoredAnswer.at <= answer.at - ANSWERS_LAST,
    )
    session.execute(stale)
    session.add(answer)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("A request with this Idempotency-Key is just being answered: send it again.") from None


def purge_answers(session: Session, now: datetime) -> int:
    """Forget answers older than a day; returns how many."""
    rows = session.execute(delete(StoredAnswer).where(StoredAnswer.at <= now - ANSWERS_LAST))
    return int(rows.rowcount)  # type: ignore[attr-defined]  # a DELETE's result is a CursorResult
