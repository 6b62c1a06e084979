"""Makes, revokes and checks tokens; keeps the answers to repeated requests. Times are the machine's."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.audit.actions import Actor, record
from statuspage.db import same_version
from statuspage.errors import Conflict, FieldError, Forbidden, Invalid, RuleBroken, Unauthorised, existing
from statuspage.i18n import noop
from statuspage.tokens.models import ApiToken, StoredAnswer
from statuspage.tokens.queries import by_prefix
from statuspage.tokens.rules import (
    ANSWERS_LAST,
    LARGEST_ANSWER,
    Bearer,
    Minted,
    hash_secret,
    is_live,
    mint,
    old_works,
    read_header,
    same_secret,
    unknown_scopes,
)

NOBODY, NOTHING = hash_secret(""), hash_secret(" ")  # no secret is either, and they are not the same
NO_TOKEN = noop("There is no such token.")
DEAD = noop("This token is dead already. Make a new one.")
DEAD_AT_ONCE = noop("The token would be dead at once.")
TIME_TO_COME = noop("Choose a time that is still to come.")


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
    _check_end(expires_at)


def _check_end(expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= clock.wall():
        raise Invalid(DEAD_AT_ONCE, (FieldError("/expires_at", TIME_TO_COME),))


def rotate(
    session: Session,
    token_id: int,
    actor: Actor,
    *,
    old_until: datetime | None,
    expires_at: datetime | None,
    version: int | None = None,
) -> str:
    """Give a token a new secret, which works at once, and return it in plain: nobody sees it again.

    The secret before works until `old_until` (None: no longer); one that was still left from an earlier rotation ends.
    """
    token = _locked(session, token_id)
    same_version(token.version, version)
    now = clock.wall()
    if not is_live(token, now):
        raise RuleBroken(DEAD)
    if old_until is not None and old_until <= now:
        raise Invalid(TIME_TO_COME, (FieldError("/old_until", TIME_TO_COME),))
    _check_end(expires_at)
    minted = Minted(token.prefix, mint().secret)
    token.old_secret_hash, token.old_until = (token.secret_hash, old_until) if old_until else (None, None)
    token.old_used_at = token.last_used_at if old_until else None
    token.secret_hash, token.expires_at, token.last_used_at = minted.secret_hash, expires_at, None
    ends = {"old_until": old_until, "expires_at": expires_at}
    after = {name: at.isoformat() if at else None for name, at in ends.items()}
    record(session, actor, "token.rotate", f"token:{token.prefix}", after=after)
    return minted.plain


def end_old(session: Session, token_id: int, actor: Actor) -> None:
    """End the secret from before a rotation now; ending it twice is the same."""
    token = _locked(session, token_id)
    if token.old_secret_hash is not None:
        token.old_secret_hash, token.old_until = None, None
        record(session, actor, "token.end_old", f"token:{token.prefix}")


def revoke(session: Session, token_id: int, actor: Actor) -> None:
    """End a token now; ending it twice is the same."""
    token = _locked(session, token_id)
    if token.revoked_at is None:
        token.revoked_at = clock.wall()
        record(session, actor, "token.revoke", f"token:{token.prefix}")


def _locked(session: Session, token_id: int) -> ApiToken:
    return existing(session.get(ApiToken, token_id, with_for_update=True), NO_TOKEN)


def authenticate(session: Session, header: str | None, scope: str, now: datetime) -> Bearer:
    """The bearer of the token of an `Authorization` header, if it is live and has the scope. Changes nothing.

    Raises `Unauthorised` for what is no live token of ours (the same words for each reason) and
    `Forbidden` when the scope is missing.
    """
    sent = read_header(header)
    token = by_prefix(session, sent.prefix) if sent else None
    is_new = same_secret(token.secret_hash if token else NOBODY, sent.secret_hash if sent else NOTHING)
    is_old = same_secret((token and token.old_secret_hash) or NOBODY, sent.secret_hash if sent else NOTHING)
    if token is None or not ((is_new and is_live(token, now)) or (is_old and old_works(token, now))):
        raise Unauthorised("Send a valid token: Authorization: Bearer sp_…")
    if scope not in token.scopes:
        raise Forbidden(f"This token may not do that: it needs the scope {scope}.")
    used_at = token.last_used_at if is_new else token.old_used_at
    return Bearer(token.id, token.prefix, token.name, tuple(token.scopes), used_at, with_old=not is_new)


def note_use(session: Session, bearer: Bearer, now: datetime) -> None:
    """Remember when a secret was used last. The row's version stays: use is no change that anybody must know of."""
    used = {"old_used_at": now} if bearer.with_old else {"last_used_at": now}
    session.execute(update(ApiToken).where(ApiToken.id == bearer.token_id).values(**used))


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
