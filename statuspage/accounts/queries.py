"""Finds people of the staff, their sessions and links."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from statuspage.accounts.models import SignInLink, Staff, StaffSession
from statuspage.accounts.rules import IDLE, Role, fingerprint, is_alive
from statuspage.errors import NotFound
from statuspage.i18n import noop


@dataclass(frozen=True)
class Credentials:
    """What is needed to prove a password outside of a transaction."""

    staff_id: int
    password_hash: str | None


@dataclass(frozen=True)
class SignedIn:
    """The person behind a request, as of its beginning."""

    staff_id: int
    email: str
    name: str
    role: Role
    locale: str
    has_password: bool
    by_link: bool
    csrf: str
    token_hash: bytes
    seen_at: datetime
    needs_code: bool
    confirmed_at: datetime | None


def credentials(session: Session, email: str) -> Credentials | None:
    """Of the active person with this address."""
    found = session.execute(
        select(Staff.id, Staff.password_hash).where(Staff.email == email, Staff.disabled_at.is_(None))
    ).first()
    return Credentials(*found) if found else None


def signed_in(session: Session, secret: str, now: datetime) -> SignedIn | None:
    """Whose session the cookie's secret opens at `now`, if any."""
    found = session.scalar(
        select(StaffSession)
        .where(StaffSession.token_hash == fingerprint(secret))
        .options(joinedload(StaffSession.staff, innerjoin=True))
    )
    if found is None or found.staff.disabled_at or not is_alive(found.seen_at, found.expires_at, now):
        return None
    staff = found.staff
    return SignedIn(
        staff_id=staff.id,
        email=staff.email,
        name=staff.name or staff.email,
        role=staff.role,
        locale=staff.locale,
        has_password=staff.password_hash is not None,
        by_link=found.by_link,
        csrf=found.csrf,
        token_hash=found.token_hash,
        seen_at=found.seen_at,
        needs_code=found.needs_code,
        confirmed_at=found.confirmed_at,
    )


def open_sessions(session: Session, now: datetime, staff_id: int | None = None) -> Sequence[StaffSession]:
    """Who is signed in now, with their browsers, those seen last first; or the sessions of one person."""
    alive = (StaffSession.expires_at > now, StaffSession.seen_at > now - IDLE, StaffSession.needs_code.is_(False))
    found = select(StaffSession).where(*alive).options(joinedload(StaffSession.staff, innerjoin=True))
    if staff_id is not None:
        found = found.where(StaffSession.staff_id == staff_id)
    return session.scalars(found.order_by(StaffSession.seen_at.desc())).all()


def link_works(session: Session, secret: str, now: datetime) -> bool:
    """Whether a sign-in link could be used now."""
    found = session.get(SignInLink, fingerprint(secret))
    return found is not None and found.used_at is None and found.expires_at > now and found.staff.disabled_at is None


def everybody(session: Session) -> Sequence[Staff]:
    """All staff by address, the disabled ones last."""
    return session.scalars(select(Staff).order_by(Staff.disabled_at.is_not(None), Staff.email)).all()


def person(session: Session, staff_id: int) -> Staff:
    """One person. Raises `NotFound`."""
    found = session.get(Staff, staff_id)
    if found is None:
        raise NotFound(noop("There is no such person: they may have been removed."))
    return found


def by_email(session: Session, email: str) -> Staff | None:
    return session.scalar(select(Staff).where(Staff.email == email))


def names(session: Session, ids: set[int]) -> dict[int, str]:
    """The addresses of people, by id, for lists that hold only references."""
    return {one.id: one.email for one in session.scalars(select(Staff).where(Staff.id.in_(ids)))}


def called(session: Session, words: str) -> Sequence[int]:
    """The ids of those whose name or address has these words in it."""
    named = Staff.email.icontains(words, autoescape=True) | Staff.name.icontains(words, autoescape=True)
    return session.scalars(select(Staff.id).where(named).limit(500)).all()
