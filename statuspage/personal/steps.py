"""What to do now, in order: guides and answers that are bound to the reader's panels and to what is not back yet."""

from collections.abc import Sequence

from statuspage.faq.rules import Kind
from statuspage.publishing.snapshot import Snapshot
from statuspage.publishing.views import ArticleView
from statuspage.recovery.models import StageState
from statuspage.recovery.rules.reports import State

MOST_ANSWERS = 5
# What a customer does with the data of a stage; the other stages are called like their function.
FUNCTIONS = {"access": "login", "orders": "import-orders"}


def to_do(snapshot: Snapshot, mine: Sequence[tuple[str, Sequence[StageState]]]) -> dict[str, list[ArticleView]]:
    """The guides of the reader's panels, and the answers about what waits for a choice, has failed or is missing."""
    panels = {slug for slug, _ in mine}
    guides = [one for one in snapshot.articles if one.kind is Kind.GUIDE and panels & set(one.panels)]
    urgent = _functions(mine, State.NEEDS_CHOICE, State.FAILED)
    later = _functions(mine, State.RUNNING, State.WAITING)
    answers = [
        one for one in snapshot.articles if one.kind is Kind.QUESTION and (not one.panels or panels & set(one.panels))
    ]
    first = [one for one in answers if urgent & set(one.functions)]
    rest = [one for one in answers if later & set(one.functions) and one not in first]
    return {"guides": guides, "answers": [*first, *rest][:MOST_ANSWERS]}


def _functions(mine: Sequence[tuple[str, Sequence[StageState]]], *states: State) -> set[str]:
    found = (one.stage for _, stages in mine for one in stages if one.state in states)
    return {FUNCTIONS.get(stage, stage) for stage in found}
