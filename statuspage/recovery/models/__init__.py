"""All rows of recovery; a module a subject."""

from statuspage.recovery.models.accounts import AccountRecovery, LinkRequest, RecoveryLink
from statuspage.recovery.models.orders import ForwardingPoint, Transfer
from statuspage.recovery.models.progress import (
    PanelRecovery,
    PanelSize,
    ProgressMark,
    ProgressPoint,
    StageCount,
    StageState,
)
from statuspage.recovery.models.wishes import BacklogRequest, Choice, ChoiceStep, Merge

__all__ = [
    "AccountRecovery",
    "BacklogRequest",
    "Choice",
    "ChoiceStep",
    "ForwardingPoint",
    "LinkRequest",
    "Merge",
    "PanelRecovery",
    "PanelSize",
    "ProgressMark",
    "ProgressPoint",
    "RecoveryLink",
    "StageCount",
    "StageState",
    "Transfer",
]
