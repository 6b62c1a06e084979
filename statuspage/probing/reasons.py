"""Why a look failed, in words: kept in English, read in any language.

A result keeps its reason as an English sentence, for exports and logs. To show it in another language its
template is found again by its shape, so that nothing but the sentence has to be stored.
"""

import re
from functools import cache

from statuspage.i18n import noop, translate

TOO_LATE = noop("no answer within %(seconds)s s")
UNKNOWN_NAME = noop("the name is not known")
NO_RESOLVER = noop("the name could not be looked up")
REFUSED = noop("connection refused")
RESET = noop("connection reset")
HUNG_UP = noop("the connection was closed before an answer")
NO_WAY = noop("no way to the host")
NO_NETWORK = noop("no way to the network")
PRIVATE = noop("%(address)s is a private or special address")
ALL_PRIVATE = noop("%(host)s stands for private or special addresses alone")
ODD_HOST = noop("%(host)s is no plain name or address")
ODD_TARGET = noop("the address cannot be read")
BROKEN_ANSWER = noop("the answer is broken: it is no proper HTTP")
HEAD_TOO_LONG = noop("the answer has too many or too long headers")
CUT_OFF = noop("the answer was cut off")
BROKEN_COMPRESSION = noop("the answer's compression is broken")
BROKEN_TLS = noop("no encrypted connection could be made: %(detail)s")
EXPIRED = noop("the certificate has expired")
NOT_YET = noop("the certificate is not valid yet")
WRONG_HOST = noop("the certificate is for another name")
UNTRUSTED = noop("the certificate is not trusted: %(detail)s")
ENDS_SOON = noop("the certificate ends soon, days left: %(days)s")
SLOW = noop("slower than %(limit)s ms")
STATUS = noop("HTTP %(status)s")
LACKS = noop("the answer lacks %(words)s")
HOLDS = noop("the answer holds %(words)s")
NO_HEADER = noop("the answer has no header %(name)s")
OTHER_HEADER = noop("the header %(name)s is %(found)s")
NO_JSON = noop("the answer is no JSON")
NO_VALUE = noop("the answer has nothing at %(path)s")
OTHER_VALUE = noop("in the answer %(path)s is %(found)s")
ELSEWHERE = noop("redirected to another host: %(host)s")
TOO_MANY_REDIRECTS = noop("more than %(most)s redirects")
ODD_REDIRECT = noop("redirected to an address that cannot be read")
NO_SUCH_NAME = noop("%(name)s does not exist")
NO_RECORDS = noop("%(name)s has no %(record)s records")
NAME_SERVER = noop("the name server answers with an error: %(detail)s")
LOOP = noop("the name leads round in a circle")
OTHER_RECORDS = noop("%(expected)s is not among the answers: %(found)s")
NO_ICMP = noop("ping is not allowed on this machine; give the probe a port to connect to instead")
NO_BEAT = noop("no heartbeat came")
OTHER = noop("failed: %(detail)s")
LONGEST = 120


class Failed(Exception):
    """What a look ran into; its text is the reason, in English."""


def say(reason: str, **values: object) -> str:
    """A reason with its blanks filled in; what a target sent us is cut short."""
    return reason % {name: str(value)[:LONGEST] for name, value in values.items()} if values else reason


def failed(reason: str, **values: object) -> Failed:
    return Failed(say(reason, **values))


def read(locale: str, error: str) -> str:
    """A stored reason in the reader's language."""
    for template, shape in _shapes():
        found = shape.fullmatch(error)
        if found:
            return translate(locale, template, **found.groupdict())
    return error


@cache
def _shapes() -> list[tuple[str, re.Pattern[str]]]:
    """Each reason with the pattern of its sentences, the wordiest first: `%(name)s does not exist` fits many."""
    reasons = [value for name, value in globals().items() if name.isupper() and isinstance(value, str)]
    reasons.sort(key=lambda reason: len(re.sub(r"%\(\w+\)s", "", reason)), reverse=True)
    return [
        (reason, re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.*)", re.escape(reason)), re.DOTALL))
        for reason in reasons
    ]
