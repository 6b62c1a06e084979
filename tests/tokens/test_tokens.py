"""API tokens: made once, kept hashed, scoped, expiring, revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.errors import Conflict, Forbidden, Invalid, NotFound, Unauthorised
from statuspage.tokens import actions
from statuspage.tokens.models import StoredAnswer
from statuspage.tokens.queries import all_tokens, stored_answer
from statuspage.tokens.rules import Bearer, is_key, mint, read_header

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def made(scopes: tuple[str, ...] = ("recovery:read",), expires_at: datetime | None = None) -> str:
    with transaction(quiet=True) as session:
        return actions.create(session, name="a job", scopes=scopes, expires_at=expires_at, actor=SYSTEM)


def checked(header: str | None, scope: str = "recovery:read", at: datetime | None = None) -> Bearer:
    with reading() as session:
        return actions.authenticate(session, header, scope, at or clock.wall())


def test_a_new_token_is_let_through_for_its_scope_alone(app: Flask) -> None:
    header = f"Bearer {made()}"
    assert checked(header).name == "a job"
    with pytest.raises(Forbidden):
        checked(header, "recovery:write")


def test_the_secret_is_kept_nowhere(app: Flask) -> None:
    plain = made()
    secret = plain.split("_", 2)[2]
    with reading() as session:
        (token,) = all_tokens(session)
        entry = session.scalar(select(AuditEntry))
        assert entry is not None
        assert secret not in repr([vars(token), vars(entry)])
        assert len(token.secret_hash) == 32


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer sp_",
        "Basic YTpi",
        "Bearer sp_00000000_" + "a" * 43,
        "Bearer \u0142\u00f3",
        "x" * 9999,
    ],
)
def test_what_is_no_token_of_ours_is_refused_in_the_same_words(app: Flask, header: str | None) -> None:
    made()
    with pytest.raises(Unauthorised, match="Send a valid token"):
        checked(header)


def test_the_right_prefix_with_a_wrong_secret_is_refused(app: Flask) -> None:
    plain = made()
    with pytest.raises(Unauthorised):
        checked(f"Bearer {plain[:-1]}{'A' if plain[-1] != 'A' else 'B'}")


def test_an_expired_token_is_refused(app: Flask) -> None:
    plain = made(expires_at=clock.wall() + timedelta(hours=1))
    assert checked(f"Bearer {plain}")
    with pytest.raises(Unauthorised):
        checked(f"Bearer {plain}", at=clock.wall() + timedelta(hours=1))


def test_a_revoked_token_is_refused_and_revoking_twice_is_the_same(app: Flask) -> None:
    plain = made()
    for _ in range(2):
        with transaction(quiet=True) as session:
            actions.revoke(session, 1, SYSTEM)
    with pytest.raises(Unauthorised):
        checked(f"Bearer {plain}")
    with pytest.raises(NotFound), transaction(quiet=True) as session:
        actions.revoke(session, 2, SYSTEM)


@pytest.mark.parametrize(
    ("name", "scopes", "expires_at"),
    [
        ("", ["recovery:read"], None),
        ("x" * 101, ["recovery:read"], None),
        ("job", [], None),
        ("job", ["recovery:everything"], None),
        ("job", ["recovery:read"], NOW - timedelta(days=4000)),
    ],
)
def test_a_token_needs_a_name_known_scopes_and_a_future(
    app: Flask, name: str, scopes: list[str], expires_at: datetime | None
) -> None:
    with pytest.raises(Invalid), transaction(quiet=True) as session:
        actions.create(session, name=name, scopes=scopes, expires_at=expires_at, actor=SYSTEM)
    with reading() as session:
        assert all_tokens(session) == []


def test_use_is_noted_at_most_once_in_five_minutes() -> None:
    assert Bearer(1, "ab", "a job", (), None).should_note_use(NOW)
    used = Bearer(1, "ab", "a job", (), NOW)
    assert not used.should_note_use(NOW + timedelta(minutes=4))
    assert used.should_note_use(NOW + timedelta(minutes=5))


def test_a_header_gives_back_what_was_minted() -> None:
    minted = mint()
    assert read_header(f"bearer {minted.plain}") == minted
    assert read_header(minted.plain) is None


@pytest.mark.parametrize(
    ("words", "fine"), [("a-1", True), ("", False), ("a b", False), ("x" * 256, False), ("ł", False)]
)
def test_an_idempotency_key_is_short_and_visible(words: str, fine: bool) -> None:
    assert is_key(words) is fine


def answer(key: str, at: datetime, body: str = "{}") -> StoredAnswer:
    return StoredAnswer(token_id=1, route="/r", key=key, body_hash=b"x" * 32, status=200, body=body, at=at)


def test_an_answer_is_kept_for_a_day_then_purged(app: Flask) -> None:
    made()
    with transaction(quiet=True) as session:
        actions.keep_answer(session, answer("old", NOW - timedelta(hours=24)))
        actions.keep_answer(session, answer("new", NOW - timedelta(hours=23)))
    with transaction(quiet=True) as session:
        assert stored_answer(session, 1, "/r", "old", NOW) is None
        assert stored_answer(session, 1, "/r", "new", NOW) is not None
        assert stored_answer(session, 1, "/other", "new", NOW) is None
        assert actions.purge_answers(session, NOW) == 1


def test_a_key_can_be_used_again_a_day_later_even_before_the_purge(app: Flask) -> None:
    made()
    for at in (NOW - timedelta(hours=25), NOW):
        with transaction(quiet=True) as session:
            actions.keep_answer(session, answer("again", at))
    with reading() as session:
        assert stored_answer(session, 1, "/r", "again", NOW) is not None


def test_a_second_answer_for_the_same_key_is_a_conflict(app: Flask) -> None:
    made()
    with transaction(quiet=True) as session:
        actions.keep_answer(session, answer("k", NOW))
    with pytest.raises(Conflict), transaction(quiet=True) as session:
        actions.keep_answer(session, answer("k", NOW))


def test_an_answer_that_is_too_long_is_not_kept(app: Flask) -> None:
    made()
    with pytest.raises(Invalid), transaction(quiet=True) as session:
        actions.keep_answer(session, answer("k", NOW, "x" * (64 * 1024 + 1)))
