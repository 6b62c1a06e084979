"""Who may do what at the desk, and who remains."""

import threading

import pytest
from flask import Flask

from statuspage.accounts import actions, queries
from statuspage.accounts.actions import Visitor
from statuspage.accounts.models import Staff
from statuspage.accounts.rules import Role, address, is_password, local_path
from statuspage.audit.actions import SYSTEM
from statuspage.db import db, reading, transaction
from statuspage.errors import DomainError, Invalid, NotFound, RuleBroken


def add(email: str, role: Role) -> int:
    with transaction(quiet=True) as session:
        return actions.add(session, email=email, name="", role=role, locale="en", actor=SYSTEM).id


@pytest.mark.usefixtures("app")
def test_the_last_administrator_stays() -> None:
    only, editor = add("a@example.com", Role.ADMIN), add("e@example.com", Role.EDITOR)
    for act in (
        lambda session: actions.disable(session, only, SYSTEM),
        lambda session: actions.set_role(session, only, Role.VIEWER, SYSTEM),
    ):
        with pytest.raises(RuleBroken), transaction(quiet=True) as session:
            act(session)
    with transaction(quiet=True) as session:
        actions.set_role(session, editor, Role.ADMIN, SYSTEM)
        actions.disable(session, only, SYSTEM)


def test_two_administrators_who_dismiss_each_other_leave_one(app: Flask) -> None:
    people = [add("a@example.com", Role.ADMIN), add("b@example.com", Role.ADMIN)]
    gate, refused = threading.Barrier(2), []

    def dismiss(staff_id: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction(quiet=True) as session:
                    actions.disable(session, staff_id, SYSTEM)
            except RuleBroken as error:
                refused.append(error)

    threads = [threading.Thread(target=dismiss, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    with reading() as session:
        assert sum(one.disabled_at is None for one in queries.everybody(session)) == 1


def test_of_two_who_use_one_link_at_once_one_gets_in(app: Flask) -> None:
    staff_id = add("a@example.com", Role.ADMIN)
    with transaction(quiet=True) as session:
        secret = actions.make_link(session, session.get_one(Staff, staff_id), SYSTEM)
    gate, inside, outside = threading.Barrier(2), [], []

    def enter() -> None:
        with app.app_context():
            gate.wait()
            try:
                with transaction(quiet=True) as session:
                    inside.append(actions.use_link(session, secret, Visitor()))
            except NotFound as error:
                outside.append(error)

    threads = [threading.Thread(target=enter) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    db.engine.dispose()
    assert (len(inside), len(outside)) == (1, 1)


@pytest.mark.usefixtures("app")
def test_an_address_is_on_the_list_once_however_it_is_written() -> None:
    add("Anna@Example.com", Role.VIEWER)
    with pytest.raises(RuleBroken), transaction(quiet=True) as session:
        actions.add(session, email="anna@example.COM", name="", role=Role.VIEWER, locale="en", actor=SYSTEM)


@pytest.mark.parametrize("words", ["", "anna", "a@b", "a@example.com, b@example.com", "A <a@example.com>", "a\n@x.pl"])
def test_what_is_no_address_is_refused(words: str) -> None:
    with pytest.raises(DomainError) as refused:
        address(words)
    assert isinstance(refused.value, Invalid)


def test_no_password_fits_nobody() -> None:
    assert not is_password(None, "")
    assert not is_password(None, "x" * 10_000)
    assert not is_password("no hash at all", "x")


def test_each_role_includes_those_before_it() -> None:
    assert [[one.includes(other) for other in Role] for one in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_only_paths_of_the_desk_are_gone_to() -> None:
    assert local_path("/staff/incidents/ab12/") == "/staff/incidents/ab12/"
    for asked in (None, "", "/", "/staff", "//x", "/staff//x", "/staff/\\x", "https://x/staff/", "/staff/\r\nx"):
        assert local_path(asked) == "/staff/"
