"""Opens incidents, publishes what is said of them, corrects it. What was said is never lost."""

from statuspage.incidents.actions.cases import create, draft, edit, pin, promise
from statuspage.incidents.actions.drafts import discard_draft, edit_draft, publish_draft, publish_due, save_draft
from statuspage.incidents.actions.handovers import hand_over
from statuspage.incidents.actions.updates import backfill, correct, post_update

__all__ = [
    "backfill",
    "correct",
    "create",
    "discard_draft",
    "draft",
    "edit",
    "edit_draft",
    "hand_over",
    "pin",
    "post_update",
    "promise",
    "publish_draft",
    "publish_due",
    "save_draft",
]
