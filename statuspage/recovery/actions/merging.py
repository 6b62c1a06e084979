"""A temporary account into its original: its plan, its run (refused where it would make duplicates), its result."""

import secrets
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from statuspage.audit.actions import Actor, record
from statuspage.errors import Conflict, NotFound, RuleBroken
from statuspage.recovery.models import AccountRecovery, Merge
from statuspage.recovery.rules.forwarding import TransferKind, would_duplicate
from statuspage.recovery.rules.merging import MergeState, Plan, Result


def plan_merge(
    session: Session, original: AccountRecovery, temporary: AccountRecovery, plan: Plan, actor: Actor
) -> Merge:
    """Keep what a merge would do. Plans may come again and in any order; the greatest (sequence, at) counts."""
    # The temporary account's row is the turn: of two first plans at once the second one finds the first.
    session.execute(select(AccountRecovery.id).where(AccountRecovery.id == temporary.id).with_for_update())
    if temporary.original_id != original.id:
        raise RuleBroken(
            "These two accounts do not belong together: send the temporary one with PUT …/accounts/<account> first."
        )
    one = session.scalar(_locked(Merge.temporary_id == temporary.id))
    if one is None:
        one = Merge(public_id=secrets.token_hex(8), original=original, temporary=temporary, state=MergeState.PLANNED)
        session.add(one)
    elif plan.rank <= (one.sequence, one.planned_at):
        return one
    elif one.state is not MergeState.PLANNED:
        raise Conflict("The merge has begun: its plan stays as it is.")
    one.to_create, one.to_merge, one.in_conflict = plan.create, plan.merge, plan.conflict
    one.examples = [asdict(example) for example in plan.examples]
    one.sequence, one.planned_at = plan.sequence, plan.at
    session.flush()
    counts = {"create": plan.create, "merge": plan.merge, "conflict": plan.conflict}
    record(session, actor, "merge.plan", f"merge:{one.public_id}", after=counts)
    return one


def run_merge(session: Session, public_id: str, override_reason: str | None, *, actor: Actor, now: datetime) -> Merge:
    """Begin a merge; to begin it again is the same. Refused while the panel has not caught up on its gap."""
    one = _found(session, public_id)
    if one.state is not MergeState.PLANNED:
        return one
    panel = one.original.panel
    if not override_reason and would_duplicate(TransferKind.TEMPORARY, panel.gap_from, panel.gap_closed_at):
        raise RuleBroken(
            f"{panel.slug} has not caught up on the orders of its gap yet: merging now would make duplicates. "
            "Close the gap first, or send override_reason to say why it is safe."
        )
    one.state, one.run_at, one.override_reason = MergeState.RUNNING, now, override_reason
    record(session, actor, "merge.run", f"merge:{public_id}", after={"override_reason": override_reason})
    return one


def end_merge(session: Session, public_id: str, result: Result, actor: Actor) -> Merge:
    """Keep what a merge did. The same result again is the same; another one is refused."""
    one = _found(session, public_id)
    told = (result.created, result.merged, result.failed)
    if one.state is MergeState.PLANNED:
        raise RuleBroken("This merge has not been run yet: say so first with POST …/run.")
    if one.state is MergeState.DONE:
        if told != (one.created, one.merged, one.failed):
            raise Conflict("Another result of this merge was reported before; it stays.")
        return one
    one.state, one.ended_at = MergeState.DONE, result.at
    one.created, one.merged, one.failed = told
    counts = {"created": one.created, "merged": one.merged, "failed": one.failed}
    record(session, actor, "merge.end", f"merge:{public_id}", after=counts)
    return one


def _found(session: Session, public_id: str) -> Merge:
    one = session.scalar(_locked(Merge.public_id == public_id))
    if one is None:
        raise NotFound("There is no such merge.")
    return one


def _locked(which: ColumnElement[bool]) -> Select[Merge]:
    return select(Merge).where(which).with_for_update().execution_options(populate_existing=True)
