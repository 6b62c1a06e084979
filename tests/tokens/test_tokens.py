"""API tokens: made once, kept hashed, scoped, expiring, revoked."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from statuspage import clock
from statuspage.audit.actions import SYSTEM
from statuspage.audit.models import AuditEntry
from statuspage.db import reading, transaction
from statuspage.errors import Conflict, Forbidden, Invalid, NotFound, RuleBroken, Unauthorised
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


def rotated(old_until: datetime | None, expires_at: datetime | None = None, version: int | None = None) -> str:
    with transaction(quiet=True) as session:
        ends = {"old_until": old_until, "expires_at": expires_at}
        return actions.rotate(session, 1, SYSTEM, **ends, version=version)


def test_a_new_secret_works_at_once_and_the_old_one_until_the_chosen_moment(app: Flask) -> None:
    old, until = made(), clock.wall() + timedelta(hours=2)
    new = rotated(until)
    assert (checked(f"Bearer {new}").with_old, checked(f"Bearer {old}").with_old) == (False, True)
    assert checked(f"Bearer {old}").prefix == checked(f"Bearer {new}").prefix
    with pytest.raises(Unauthorised):
        checked(f"Bearer {old}", at=until)
    assert checked(f"Bearer {new}", at=until)
    with pytest.raises(Forbidden):
        checked(f"Bearer {old}", "recovery:write")


def test_without_a_moment_the_old_secret_ends_at_once(app: Flask) -> None:
    old, new = made(), rotated(None)
    assert checked(f"Bearer {new}")
    with pytest.raises(Unauthorised):
        checked(f"Bearer {old}")


def test_a_second_rotation_leaves_two_secrets_and_not_three(app: Flask) -> None:
    until = clock.wall() + timedelta(hours=2)
    first, second, third = made(), rotated(until), rotated(until)
    assert checked(f"Bearer {second}").with_old
    assert checked(f"Bearer {third}")
    with pytest.raises(Unauthorised):
        checked(f"Bearer {first}")


def test_the_old_secret_can_be_ended_before_its_time(app: Flask) -> None:
    old, new = made(), rotated(clock.wall() + timedelta(hours=2))
    for _ in range(2):
        with transaction(quiet=True) as session:
            actions.end_old(session, 1, SYSTEM)
    assert checked(f"Bearer {new}")
    with pytest.raises(Unauthorised):
        checked(f"Bearer {old}")


def test_what_ends_a_token_ends_both_secrets(app: Flask) -> None:
    old, end = made(), clock.wall() + timedelta(hours=1)
    new = rotated(end + timedelta(hours=1), expires_at=end)
    for secret in (old, new):
        with pytest.raises(Unauthorised):
            checked(f"Bearer {secret}", at=end)
    with transaction(quiet=True) as session:
        actions.revoke(session, 1, SYSTEM)
    for secret in (old, new):
        with pytest.raises(Unauthorised):
            checked(f"Bearer {secret}")
    with pytest.raises(RuleBroken):
        rotated(None)


def test_the_use_of_each_secret_is_noted_for_itself(app: Flask) -> None:
    old, new = made(), rotated(clock.wall() + timedelta(hours=2))
    now = clock.wall()
    with transaction(quiet=True) as session:
        actions.note_use(session, checked(f"Bearer {old}"), now)
    with reading() as session:
        (token,) = all_tokens(session)
        assert (token.old_used_at, token.last_used_at) == (now, None)
    assert not checked(f"Bearer {old}").should_note_use(now)
    assert checked(f"Bearer {new}").should_note_use(now)


def test_two_rotations_of_one_page_are_one(app: Flask) -> None:
    old, until = made(), clock.wall() + timedelta(hours=2)
    rotated(until, version=1)
    with pytest.raises(Conflict):
        rotated(until, version=1)
    assert checked(f"Bearer {old}").with_old


@pytest.mark.parametrize("wrong", ["old_until", "expires_at"])
def test_a_rotation_looks_ahead(app: Flask, wrong: str) -> None:
    old, ends = made(), {"old_until": None, "expires_at": None, wrong: NOW - timedelta(days=4000)}
    with pytest.raises(Invalid):
        rotated(**ends)
    assert checked(f"Bearer {old}")


def test_a_rotation_stands_in_the_audit_log_without_a_secret(app: Flask) -> None:
    old, new = made(), rotated(clock.wall() + timedelta(hours=2))
    with reading() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [one.action for one in entries] == ["token.create", "token.rotate"]
    words = repr([vars(one) for one in entries])
    assert not any(secret.split("_", 2)[2] in words for secret in (old, new))
