"""Reads lines that are plainly right at once; any other goes the strict way, which knows the reasons.

What is read here is read the same there (`tests/api/test_plain.py`): in a long load nearly all lines are of this kind.
"""

import re
from collections.abc import Container
from operator import itemgetter

from pydantic_core import from_json

from statuspage.recovery.rules.reports import LARGEST, STAGES, Report, State
from statuspage.shapes import moment

TEXTS = ("account", "panel", "stage", "state", "at")
NUMBERS = ("done", "total", "sequence")
# Without escapes each key and each text stands in two quotes: any more, and a key stands twice.
QUOTES = 2 * (2 * len(TEXTS) + len(NUMBERS))
PLAIN_TEXT = re.compile(r"[!-~]{1,128}")
STATES = {state.value: state for state in State}
_texts, _numbers = itemgetter(*TEXTS), itemgetter(*NUMBERS)


def report(line: bytes, panels: Container[str]) -> Report | None:
    """The report of a line that says no more than it must, in plain ASCII; None where anything is out of the way."""
    if b"\\" in line or line.count(b'"') != QUOTES:
        return None
    try:
        raw = from_json(line, allow_inf_nan=False)
        (account, panel, stage, state, at), (done, total, sequence) = _texts(raw), _numbers(raw)
        known = len(raw) == len(TEXTS) + len(NUMBERS) and panel in panels and stage in STAGES
        if not known or not PLAIN_TEXT.fullmatch(account) or not type(done) is type(total) is type(sequence) is int:
            return None
        if min(done, total, sequence) < 0 or max(done, total, sequence) > LARGEST:
            return None
        return Report(panel, account, stage, STATES[state], done, total, sequence, moment(at))
    except (ValueError, KeyError, TypeError):
        return None
