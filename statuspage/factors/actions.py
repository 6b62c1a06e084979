"""Turns a second factor on and off, and takes its codes, each once."""

from datetime import datetime

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from statuspage.errors import FieldError, Invalid, RuleBroken
from statuspage.factors.models import RecoveryCode, SecondFactor
from statuspage.factors.rules import app_secret, keep_recovery_code, new_recovery_codes, step_of
from statuspage.i18n import noop

NOT_ON = noop("The second factor is not on yet.")
WRONG_CODE = noop("This code does not fit. Codes change every half minute: type the one that the app shows now.")


def turn_on(session: Session, key: str, staff_id: int, salt: bytes, offered: str, now: datetime) -> list[str]:
    """Keep the factor once its first code fits; returns the recovery codes. Raises `Invalid` at `/code`."""
    if session.get(SecondFactor, staff_id) is not None:
        raise RuleBroken(noop("A second factor is on already: turn it off first."))
    fitting = step_of(app_secret(key, staff_id, salt), offered, now)
    if fitting is None:
        raise Invalid(NOT_ON, (FieldError("/code", WRONG_CODE),))
    session.add(SecondFactor(staff_id=staff_id, salt=salt, since=now, last_step=fitting))
    session.flush()
    return renew_codes(session, key, staff_id)


def renew_codes(session: Session, key: str, staff_id: int) -> list[str]:
    """Ten new recovery codes; those from before are void."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    codes = new_recovery_codes()
    session.add_all(RecoveryCode(code_hash=keep_recovery_code(key, staff_id, one), staff_id=staff_id) for one in codes)
    session.flush()
    return codes


def accept(session: Session, key: str, staff_id: int, offered: str, now: datetime) -> bool:
    """Whether the code is the app's or a recovery code, and was never taken before. Of two at once one is."""
    return _takes_app(session, key, staff_id, offered, now) or _takes_recovery(session, key, staff_id, offered, now)


def _takes_app(session: Session, key: str, staff_id: int, offered: str, now: datetime) -> bool:
    factor = session.get(SecondFactor, staff_id)
    fitting = step_of(app_secret(key, staff_id, factor.salt), offered, now) if factor else None
    if fitting is None:
        return False
    own = SecondFactor.staff_id == staff_id
    taken = update(SecondFactor).where(own, SecondFactor.last_step < fitting).values(last_step=fitting)
    return session.execute(taken.returning(SecondFactor.staff_id)).first() is not None


def _takes_recovery(session: Session, key: str, staff_id: int, offered: str, now: datetime) -> bool:
    kept = RecoveryCode.code_hash == keep_recovery_code(key, staff_id, offered)
    own = (RecoveryCode.staff_id == staff_id, RecoveryCode.used_at.is_(None))
    taken = update(RecoveryCode).where(kept, *own).values(used_at=now).returning(RecoveryCode.staff_id)
    return session.execute(taken).first() is not None


def turn_off(session: Session, staff_id: int) -> bool:
    """Forget the factor and its recovery codes; whether there was one."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.staff_id == staff_id))
    gone = delete(SecondFactor).where(SecondFactor.staff_id == staff_id).returning(SecondFactor.staff_id)
    return session.execute(gone).first() is not None
