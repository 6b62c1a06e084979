"""The log is only added to, and whoever forces it to say something else is found out."""

import threading
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from statuspage import clock
from statuspage.audit import guards, queries
from statuspage.audit.actions import Actor, record
from statuspage.audit.jobs import Sealer
from statuspage.audit.models import AuditEntry, AuditSeal
from statuspage.audit.rules import Fault, Verdict
from statuspage.db import Session, db, reading, transaction
from statuspage.demo import load
from tests.audit.seals import seal_all
from tests.processes import until

pytestmark = pytest.mark.usefixtures("app")
ANNA = Actor("staff:3", "192.0.2.7")


def tell(*subjects: str) -> None:
    for subject in subjects:
        with transaction(quiet=True) as session:
            record(session, ANNA, "incident.edit", subject, before={"impact": "minor"}, after={"impact": "major"})


def told(count: int = 6) -> list[int]:
    """So many sealed entries; their ids."""
    tell(*(f"incident:{number}" for number in range(count)))
    assert seal_all() == count
    with reading() as session:
        return list(session.scalars(select(AuditEntry.id).order_by(AuditEntry.id)))


def verdict(expected: str | None = None) -> Verdict:
    with reading() as session:
        return queries.verify(session, expected)


def tamper(act: Callable[[Session], object]) -> None:
    """What somebody may do who owns the database: switch off what guards the log, and on again."""
    with transaction(quiet=True) as session:
        guards.take_down(session.connection())
        act(session)
        session.flush()
        guards.put_up(session.connection())


def entry(entry_id: int, subject: str) -> dict[str, object]:
    return {"id": entry_id, "at": clock.wall(), "actor": "staff:9", "action": "incident.edit", "subject": subject}


REFUSED = {
    "an entry changed": update(AuditEntry).values(actor="staff:4"),
    "an entry deleted": delete(AuditEntry),
    "a seal changed": update(AuditSeal).values(digest="0"),
    "a seal deleted": delete(AuditSeal),
}


@pytest.mark.parametrize("act", REFUSED)
def test_the_database_itself_refuses_to_forget(act: str) -> None:
    told(2)
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(REFUSED[act])
    assert verdict().sealed == 2


def test_the_database_refuses_what_replaces_or_empties(app: Flask) -> None:
    (first, _) = told(2)
    empty = "TRUNCATE audit_entry"
    replace = (
        "INSERT OR REPLACE INTO audit_entry (id, at, actor, action, subject)"
        f" VALUES ({first}, '2021-03-10', 'staff:4', 'x', 'y')"
    )
    words = replace if db.engine.dialect.name == "sqlite" else empty
    with pytest.raises(IntegrityError, match="append-only"), transaction() as session:
        session.execute(text(words))
    assert verdict().holds


def test_what_was_written_is_sealed_and_holds() -> None:
    told(6)
    tell("incident:later")
    found = verdict()
    assert (found.sealed, found.unsealed, found.holds) == (6, 1, True)
    assert seal_all() == 1
    assert verdict().last != found.last
    assert verdict(found.last).holds, "a digest that was kept elsewhere is still in the chain"
    assert Sealer().seal() == 0, "there is nothing left"


def test_more_than_one_batch_is_sealed_at_once() -> None:
    with transaction(quiet=True) as session:
        session.execute(insert(AuditEntry), [entry(number, f"incident:{number}") for number in range(1, 2402)])
    assert seal_all() == 2401
    assert (verdict().sealed, verdict().holds) == (2401, True)


@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_changed_entry_is_found(place: int) -> None:
    ids = told()
    tamper(lambda session: session.execute(update(AuditEntry).where(AuditEntry.id == ids[place]).values(actor="x")))
    found = verdict()
    assert (found.fault, found.entry, found.sealed, found.holds) == (Fault.CHANGED, ids[place], place, False)


@pytest.mark.parametrize("place", [0, 2, 5])
def test_a_deleted_entry_is_found(place: int) -> None:
    ids = told()
    tamper(lambda session: session.execute(delete(AuditEntry).where(AuditEntry.id == ids[place])))
    assert (verdict().fault, verdict().entry) == (Fault.DELETED, ids[place])


def test_an_entry_and_its_seal_cannot_go_together() -> None:
    ids = told()

    def act(session: Session) -> None:
        session.execute(delete(AuditEntry).where(AuditEntry.id == ids[2]))
        session.execute(delete(AuditSeal).where(AuditSeal.entry_id == ids[2]))

    tamper(act)
    assert (verdict().fault, verdict().entry) == (Fault.CHANGED, ids[3]), "what follows bore the digest of what is gone"


@pytest.mark.parametrize("entry_id", [-1, 0, 3])
def test_an_entry_slipped_in_among_the_sealed_is_found(entry_id: int) -> None:
    with transaction(quiet=True) as session:
        session.execute(insert(AuditEntry), [entry(number, "incident:fire") for number in (1, 2, 4, 5)])
    seal_all()
    tamper(lambda session: session.execute(insert(AuditEntry).values(entry(entry_id, "incident:made-up"))))
    assert (verdict().fault, verdict().entry) == (Fault.INSERTED, entry_id)


def test_entries_that_changed_places_are_found() -> None:
    ids = told()

    def act(session: Session) -> None:
        for old, new in ((ids[1], -1), (ids[4], ids[1]), (-1, ids[4])):
            session.execute(update(AuditEntry).where(AuditEntry.id == old).values(id=new))

    tamper(act)
    assert (verdict().fault, verdict().entry) == (Fault.CHANGED, ids[1])


def test_who_rewrites_the_whole_chain_cannot_keep_a_digest_that_was_noted_elsewhere() -> None:
    ids = told()
    noted = verdict().last

    def act(session: Session) -> None:
        session.execute(update(AuditEntry).where(AuditEntry.id == ids[2]).values(actor="staff:4"))
        session.execute(delete(AuditSeal))

    tamper(act)
    seal_all()
    assert verdict().holds, "by itself the new chain looks well"
    assert verdict(noted).expected is False
    assert not verdict(noted).holds


def test_who_takes_the_guards_away_is_found_out() -> None:
    told(1)
    with transaction(quiet=True) as session:
        guards.take_down(session.connection())
    assert not verdict().holds
    assert "audit_entry_kept" in verdict().unguarded
    with transaction(quiet=True) as session:
        guards.put_up(session.connection())
    assert verdict().holds


def test_a_demo_that_begins_anew_has_a_new_log_that_is_guarded_again() -> None:
    told(3)
    with transaction() as session:
        load.empty(session)
    assert (verdict().sealed, verdict().unsealed, verdict().holds) == (0, 0, True)
    assert len(told(2)) == 2
    assert verdict().sealed == 2


@pytest.fixture
def postgresql(app: Flask) -> None:
    if db.engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time: ids commit in order")


@pytest.mark.usefixtures("postgresql")
def test_an_entry_that_commits_late_is_waited_for() -> None:
    """The late one takes its id first, in a transaction that began after the other's."""
    sealer = Sealer()
    with db.engine.connect() as slow, db.engine.connect() as quick:
        quick.execute(text("SELECT pg_current_xact_id()"))
        slow.execute(insert(AuditEntry).values({**entry(0, "incident:late"), "id": text("DEFAULT")}))
        quick.execute(insert(AuditEntry).values({**entry(0, "incident:quick"), "id": text("DEFAULT")}))
        quick.commit()
        assert [sealer.seal() for _ in range(3)] == [0, 0, 0]
        slow.commit()
    assert seal_all(sealer) == 2
    assert verdict().holds
    with reading() as session:
        assert session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)).first() == "incident:late"


@pytest.mark.usefixtures("postgresql")
def test_an_entry_that_has_its_id_but_is_not_written_yet_is_waited_for() -> None:
    """A statement that is stopped between taking an id and writing the row, for as long as somebody else commits."""

    def is_stopped_in_the_middle() -> bool:
        with engine.connect() as connection:
            found = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
            )
            return connection.scalar(text(found)) == 1

    def write_slowly() -> None:
        with engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO audit_entry (at, actor, action, subject)"
                    " VALUES (now(), 'staff:9', 'incident.edit', 'incident:late' || coalesce(pg_sleep(2)::text, ''))"
                )
            )

    engine, sealer = db.engine, Sealer()
    thread = threading.Thread(target=write_slowly)
    tell("incident:before")  # a sequence numbers the transaction by itself, but only for each 32nd of its ids
    seal_all(sealer)
    thread.start()
    until(is_stopped_in_the_middle)
    tell("incident:quick")
    assert sealer.seal() == 0
    thread.join()
    assert seal_all(sealer) == 2
    assert verdict().holds
    with reading() as session:
        subjects = session.scalars(select(AuditEntry.subject).order_by(AuditEntry.id)).all()
    assert [one.removesuffix(" ") for one in subjects] == ["incident:before", "incident:late", "incident:quick"]
