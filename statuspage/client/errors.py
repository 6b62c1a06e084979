"""What can go wrong for a caller, in one line that says what to do; it never holds the token."""

import re

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
LONGEST = 300


class ClientError(Exception):
    """The call did not do what was asked for."""


class Refused(ClientError):
    """The server answered and will not do it: sending the same again is no use."""


class Unreachable(ClientError):
    """No usable answer came in time: the same may be sent again."""


def shown(words: str, token: str) -> str:
    """Words of the other side as they may be shown: one line, not long, without our token."""
    return CONTROL.sub(" ", words.replace(token, "…")).strip()[:LONGEST]
