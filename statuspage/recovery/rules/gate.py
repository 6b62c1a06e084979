"""The gate of a transfer: one order first, then ten, then the rest, each step after the one before was looked at."""

from statuspage.errors import RuleBroken
from statuspage.i18n import noop
from statuspage.recovery.rules.forwarding import TransferKind, TransferReport

FIRST = 1
NEXT: dict[int, int | None] = {1: 10, 10: None}
FAILED = noop(
    "Of the orders moved so far these failed: %(failed)s. Mend them, have them reported as created or merged, and "
    "confirm then. Or give a reason why the rest may move all the same (in the API: override_reason)."
)
TOO_FEW = noop(
    "Allowed so far: %(allowance)s; reported as created or merged: %(moved)s. Have the others reported first. Or give "
    "a reason why the rest may move all the same (in the API: override_reason)."
)


def first_allowance(kind: TransferKind, *, overridden: bool) -> int | None:
    """How many orders a new transfer may move; None is all of them."""
    return FIRST if kind is TransferKind.TEMPORARY and not overridden else None


def is_held(allowance: int | None, moved: int) -> bool:
    """Whether a transfer has moved all that it may for now."""
    return allowance is not None and moved >= allowance


def beyond(allowance: int | None, report: TransferReport) -> str | None:
    """Why a report is refused: it moved more than was allowed. Judged by the report alone, so in whatever order."""
    if allowance is None or report.moved <= allowance:
        return None
    return (
        f"{report.moved} orders have moved, and only {allowance} may until somebody has looked at them: check what "
        f"has moved, then POST /api/v1/recovery/transfers/{report.transfer}/confirm with "
        f'{{"allowance": {allowance}}}, and send this report again'
    )


def unproven(allowance: int, created: int, merged: int, failed: int) -> RuleBroken | None:
    """Why a step cannot be confirmed yet, or None. `allowance` is what the step allowed."""
    if failed:
        return RuleBroken(FAILED, failed=failed)
    if created + merged < allowance:
        return RuleBroken(TOO_FEW, moved=created + merged, allowance=allowance)
    return None
