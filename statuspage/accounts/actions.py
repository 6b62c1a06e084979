"""Lets people of the staff in and out, and changes what they may do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from statuspage import clock
from statuspage.accounts.models import SignInLink, Staff, StaffSession
from statuspage.accounts.queries import Credentials, SignedIn, by_email
from statuspage.accounts.rules import ABSOLUTE, CODE_LIFE, IDLE, LIVES, LinkLife, Role, address, fingerprint, new_secret
from statuspage.audit.actions import Actor, record
from statuspage.errors import NotFound, RuleBroken
from statuspage.factors import actions as factors
from statuspage.factors.queries import factor
from statuspage.i18n import noop

SEEN_EVERY = timedelta(minutes=5)


@dataclass(frozen=True)
class Visitor:
    """The browser at the door."""

    address: str | None = None
    agent: str | None = None


@dataclass(frozen=True)
class Begun:
    """A session that began: the secret for its cookie, and whether it still owes a code."""

    secret: str
    needs_code: bool


def add(session: Session, *, email: str, name: str, role: Role, locale: str, actor: Actor) -> Staff:
    """A new person of the staff; they come in by a link."""
    email = address(email)
    if by_email(session, email) is not None:
        raise RuleBroken(noop("Somebody with this e-mail address is on the list already: send them a new link."))
    staff = Staff(email=email, name=name, role=role, locale=locale, password_hash=None, created_at=clock.wall())
    session.add(staff)
    session.flush()
    record(session, actor, "staff.add", f"staff:{staff.id}", after={"role": role})
    return staff


def make_link(session: Session, staff: Staff, actor: Actor, life: timedelta = LIVES[LinkLife.SOON]) -> str:
    """A secret that signs this person in once, soon. Earlier links end."""
    session.execute(delete(SignInLink).where(SignInLink.staff_id == staff.id))
    secret = new_secret()
    session.add(SignInLink(token_hash=fingerprint(secret), staff_id=staff.id, expires_at=clock.wall() + life))
    record(session, actor, "staff.link", f"staff:{staff.id}")
    return secret


def use_link(session: Session, secret: str, visitor: Visitor) -> Begun:
    """Sign in by a link. Of two at once, one gets in."""
    now = clock.wall()
    used = session.execute(
        update(SignInLink)
        .where(SignInLink.token_hash == fingerprint(secret), SignInLink.used_at.is_(None), SignInLink.expires_at > now)
        .values(used_at=now)
        .returning(SignInLink.staff_id)
    ).scalar()
    staff = session.get(Staff, used) if used is not None else None
    if staff is None or staff.disabled_at is not None:
        raise NotFound(noop("This link was used already, or it is too old. Ask an administrator for a new one."))
    return _arrive(session, staff.id, visitor, now, by_link=True)


def sign_in(session: Session, known: Credentials | None, visitor: Visitor, *, proved: bool) -> Begun | None:
    """Begin a session for a person whose password was proved; None when it was not.

    A refusal is written down as well: known and unknown people cost the same.
    """
    staff = session.get(Staff, known.staff_id, with_for_update=True) if known and proved else None
    # The password was proved before this transaction began: it must still be the same one.
    if staff is None or known is None or staff.disabled_at or staff.password_hash != known.password_hash:
        subject = f"staff:{known.staff_id}" if known else "staff:unknown"
        record(session, Actor("nobody", visitor.address), "staff.sign-in.refused", subject)
        return None
    return _arrive(session, staff.id, visitor, clock.wall(), by_link=False)


def give_code(session: Session, key: str, half: SignedIn, offered: str, visitor: Visitor) -> str | None:
    """A whole session in place of one that owed a code; None, and written down, when the code is wrong."""
    now = clock.wall()
    if not factors.accept(session, key, half.staff_id, offered, now):
        record(session, Actor("nobody", visitor.address), "staff.sign-in.code-refused", f"staff:{half.staff_id}")
        return None
    session.execute(delete(StaffSession).where(StaffSession.token_hash == half.token_hash))
    return _begin(session, half.staff_id, visitor, now, by_link=half.by_link)


def _arrive(session: Session, staff_id: int, visitor: Visitor, now: datetime, *, by_link: bool) -> Begun:
    """The first step is taken: the session is whole, or waits for the code."""
    needs_code = factor(session, staff_id) is not None
    return Begun(_begin(session, staff_id, visitor, now, by_link=by_link, needs_code=needs_code), needs_code)


def _begin(
    session: Session, staff_id: int, visitor: Visitor, now: datetime, *, by_link: bool, needs_code: bool = False
) -> str:
    secret = new_secret()
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id, StaffSession.expires_at <= now))
    session.add(
        StaffSession(
            token_hash=fingerprint(secret),
            staff_id=staff_id,
            csrf=new_secret(),
            created_at=now,
            seen_at=now,
            expires_at=now + (CODE_LIFE if needs_code else ABSOLUTE),
            address=visitor.address,
            agent=(visitor.agent or "")[:200] or None,
            by_link=by_link,
            needs_code=needs_code,
            confirmed_at=None if needs_code else now,
        )
    )
    act = "staff.sign-in.first-step" if needs_code else "staff.sign-in.link" if by_link else "staff.sign-in"
    record(session, Actor(f"staff:{staff_id}", visitor.address), act, f"staff:{staff_id}")
    return secret


def seen(session: Session, token_hash: bytes) -> None:
    """The session was used just now."""
    session.execute(update(StaffSession).where(StaffSession.token_hash == token_hash).values(seen_at=clock.wall()))


def confirm(session: Session, key: str, person: SignedIn, offered: str, actor: Actor, *, proved: bool) -> bool:
    """Who is signed in proved it again, by the password (`proved`) or by a code; whether it was right."""
    now = clock.wall()
    right = proved or factors.accept(session, key, person.staff_id, offered, now)
    record(session, actor, "staff.confirm" if right else "staff.confirm.refused", f"staff:{person.staff_id}")
    if right:
        own = StaffSession.token_hash == person.token_hash
        session.execute(update(StaffSession).where(own).values(confirmed_at=now))
    return right


def sign_out(session: Session, token_hash: bytes, actor: Actor) -> None:
    """End one session."""
    session.execute(delete(StaffSession).where(StaffSession.token_hash == token_hash))
    record(session, actor, "staff.sign-out", actor.name)


def end_session(session: Session, staff_id: int, handle: str, actor: Actor) -> None:
    """End one of a person's sessions, as on a computer that was left behind. Ended already is as good."""
    own = session.scalars(select(StaffSession).where(StaffSession.staff_id == staff_id))
    for one in [one for one in own if one.handle == handle]:
        session.delete(one)
        record(session, actor, "staff.session.end", f"staff:{staff_id}")


def end_other_sessions(session: Session, person: SignedIn, actor: Actor) -> None:
    """End all sessions of who is signed in but this one, and the links that would begin new ones."""
    others = StaffSession.token_hash != person.token_hash
    session.execute(delete(StaffSession).where(StaffSession.staff_id == person.staff_id, others))
    session.execute(delete(SignInLink).where(SignInLink.staff_id == person.staff_id))
    record(session, actor, "staff.session.end-others", f"staff:{person.staff_id}")


def end_sessions_of(session: Session, staff_id: int, actor: Actor) -> None:
    """An administrator signs somebody out everywhere."""
    end_sessions(session, staff_id)
    record(session, actor, "staff.session.end-all", f"staff:{staff_id}")


def end_sessions(session: Session, staff_id: int) -> None:
    """End all sessions of a person, and the links that would begin new ones."""
    session.execute(delete(StaffSession).where(StaffSession.staff_id == staff_id))
    session.execute(delete(SignInLink).where(SignInLink.staff_id == staff_id))


def forget_ended(session: Session, now: datetime) -> None:
    """Delete sessions and links that can be used no longer, with the addresses in them."""
    over = (StaffSession.seen_at <= now - IDLE) | (StaffSession.expires_at <= now)
    session.execute(delete(StaffSession).where(over))
    session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))


def set_password(session: Session, staff_id: int, password_hash: str, visitor: Visitor) -> str:
    """A new password ends every session; returns the secret of the one that goes on."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(password_hash=password_hash))
    end_sessions(session, staff_id)
    record(session, Actor(f"staff:{staff_id}", visitor.address), "staff.password", f"staff:{staff_id}")
    return _begin(session, staff_id, visitor, clock.wall(), by_link=False)


def turn_on_factor(
    session: Session, key: str, staff_id: int, salt: bytes, offered: str, visitor: Visitor
) -> tuple[str, list[str]]:
    """A second factor from now on, which ends every session; the secret of the one that goes on, recovery codes."""
    codes = factors.turn_on(session, key, staff_id, salt, offered, clock.wall())
    end_sessions(session, staff_id)
    record(session, Actor(f"staff:{staff_id}", visitor.address), "staff.factor.on", f"staff:{staff_id}")
    return _begin(session, staff_id, visitor, clock.wall(), by_link=False), codes


def turn_off_own_factor(session: Session, staff_id: int, visitor: Visitor) -> str:
    """Only the password from now on; returns the secret of the session that goes on."""
    turn_off_factor(session, staff_id, Actor(f"staff:{staff_id}", visitor.address))
    return _begin(session, staff_id, visitor, clock.wall(), by_link=False)


def turn_off_factor(session: Session, staff_id: int, actor: Actor) -> None:
    """Take somebody's second factor away, as when the phone is gone; their sessions end."""
    if factors.turn_off(session, staff_id):
        record(session, actor, "staff.factor.off", f"staff:{staff_id}")
    end_sessions(session, staff_id)


def renew_codes(session: Session, key: str, staff_id: int, actor: Actor) -> list[str]:
    """Ten new recovery codes in place of those from before. Raises `RuleBroken` without a second factor."""
    if factor(session, staff_id) is None:
        raise RuleBroken(noop("There is no second factor to recover: set one up first."))
    record(session, actor, "staff.factor.codes", f"staff:{staff_id}")
    return factors.renew_codes(session, key, staff_id)


def speak(session: Session, staff_id: int, locale: str) -> None:
    """The language in which this person reads the desk."""
    session.execute(update(Staff).where(Staff.id == staff_id).values(locale=locale))


def set_role(session: Session, staff_id: int, role: Role, actor: Actor) -> None:
    """Change what a person may do; they sign in again."""
    staff = _among_admins(session, staff_id)
    if staff.role is role:
        return
    _keep_an_admin(session, staff, stays=role is Role.ADMIN)
    before, staff.role = staff.role, role
    end_sessions(session, staff_id)
    record(session, actor, "staff.role", f"staff:{staff_id}", before={"role": before}, after={"role": role})


def disable(session: Session, staff_id: int, actor: Actor) -> None:
    """Shut a person out, at once."""
    staff = _among_admins(session, staff_id)
    if staff.disabled_at is not None:
        return
    _keep_an_admin(session, staff, stays=False)
    staff.disabled_at = clock.wall()
    end_sessions(session, staff_id)
    record(session, actor, "staff.disable", f"staff:{staff_id}")


def enable(session: Session, staff_id: int, actor: Actor) -> None:
    """Let a person in again; they need a password they know, or a link."""
    staff = _among_admins(session, staff_id)
    if staff.disabled_at is not None:
        staff.disabled_at = None
        record(session, actor, "staff.enable", f"staff:{staff_id}")


def _among_admins(session: Session, staff_id: int) -> Staff:
    """The person, with all administrators locked: two who dismiss each other would leave none."""
    _admins(session)
    staff = session.get(Staff, staff_id, with_for_update=True)
    if staff is None:
        raise NotFound(noop("There is no such person: they may have been removed."))
    return staff


def _admins(session: Session) -> Sequence[Staff]:
    found = select(Staff).where(Staff.role == Role.ADMIN, Staff.disabled_at.is_(None))
    return session.scalars(found.order_by(Staff.id).with_for_update()).all()


def _keep_an_admin(session: Session, staff: Staff, *, stays: bool) -> None:
    others = [one for one in _admins(session) if one.id != staff.id]
    if staff.role is Role.ADMIN and not stays and not others:
        raise RuleBroken(noop("This is the last administrator: name another one first."))
