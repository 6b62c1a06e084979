"""The common shape of a kind: what can be set, what is wrong with a setting, how a target becomes a `Look`."""

from collections.abc import Iterator, Mapping
from ssl import cert_time_to_seconds as ssl_seconds
from typing import Any, Protocol
from urllib.parse import urlsplit

from statuspage import clock
from statuspage.errors import FieldError
from statuspage.i18n import noop
from statuspage.probing.reach import Reach, Stopwatch
from statuspage.probing.reasons import ENDS_SOON, ODD_TARGET, SLOW, failed, say
from statuspage.probing.rules import Look, Target

NO_PORT = noop("Give a host and a port without a password, like mail.example.com:443.")
NUMBER = noop("Give a whole number in bounds.")
DAY = 86_400


class Settable(Protocol):
    """What a kind says of its settings, the `expect` of a probe."""

    SETTINGS: tuple[str, ...]

    def faults(self, target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
        """What is wrong with the target or a setting, field by field."""
        ...

    def hosts(self, target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The field and the host of each place that it will connect to, for the guard; only if nothing is wrong."""
        ...


class Looks(Settable, Protocol):
    """A kind that goes and looks; a heartbeat is pushed to us instead."""

    async def look(self, target: Target, reach: Reach, watch: Stopwatch) -> Look:
        """One look. Raises `Failed`, or what the network raises."""
        ...


def seen(watch: Stopwatch, expect: Mapping[str, Any], wrong: str | None = None) -> Look:
    """What a look found, when all of its time is spent: wrong, or weak (too slow, a certificate that ends), or fine."""
    total = watch.total()
    weak = None if wrong else too_slow(total, expect) or ends_soon(watch, expect)
    return Look(wrong is None, wrong or weak, bool(weak), total, watch.phases)


def too_slow(total: float, expect: Mapping[str, Any]) -> str | None:
    limit = expect.get("slow_ms")
    return say(SLOW, limit=limit) if limit and total > limit else None


def ends_soon(watch: Stopwatch, expect: Mapping[str, Any]) -> str | None:
    """Whether the certificate that was shown has fewer days left than wanted."""
    least = expect.get("cert_days")
    ends = (watch.tls.getpeercert() or {}).get("notAfter") if least and watch.tls else None
    if not least or not ends:
        return None
    left = int((ssl_seconds(str(ends)) - clock.wall().timestamp()) // DAY)
    return say(ENDS_SOON, days=left) if left < least else None


def host_and_port(target: str) -> tuple[str, int]:
    """`host:port`, `[2001:db8::1]:25`. Raises `Failed`."""
    parts = split(f"tcp://{target}")
    if not parts.hostname or not parts.port or parts.path or parts.query or parts.fragment:
        raise failed(ODD_TARGET)
    return parts.hostname, parts.port


def split(url: str) -> Any:
    """An address in its parts. Raises `Failed` where another reader could see another host in it."""
    try:
        parts = urlsplit(url)
        odd = "@" in parts.netloc or parts.port == 0
    except ValueError:
        raise failed(ODD_TARGET) from None
    if odd or "\\" in url or not url.isprintable() or " " in url:
        raise failed(ODD_TARGET)
    return parts


def whole(expect: Mapping[str, Any], name: str, least: int, most: int) -> Iterator[FieldError]:
    """A whole number, if one is given."""
    value = expect.get(name)
    if value is not None and (not isinstance(value, int) or not least <= value <= most):
        yield FieldError(f"/{name}", NUMBER)
