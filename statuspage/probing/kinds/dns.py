"""DNS: a name has records of a type, and among them the expected ones, as a name server tells."""

from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.message
import dns.name
import dns.rdatatype
import dns.resolver

from statuspage.errors import FieldError
from statuspage.i18n import noop
from statuspage.probing import guard, reasons
from statuspage.probing.kinds.shape import seen, split, whole
from statuspage.probing.reach import Reach, Stopwatch
from statuspage.probing.reasons import Failed, failed, say
from statuspage.probing.rules import Look, Target

SETTINGS: tuple[str, ...] = ("record", "value", "resolver", "slow_ms")
RECORDS = ("A", "AAAA", "CAA", "CNAME", "MX", "NS", "PTR", "SOA", "SRV", "TXT")
NO_NAME = noop("Give a name, like panel.example.com.")
NO_RECORD = noop("Choose one of the record types.")
NO_SERVER = noop("Give the address of a name server, like 9.9.9.9 or 9.9.9.9:53.")


def faults(target: str, expect: Mapping[str, Any]) -> Iterator[FieldError]:
    if not guard.is_plain_name(target.removesuffix(".")):
        yield FieldError("/target", NO_NAME)
    if expect.get("record") and expect["record"] not in RECORDS:
        yield FieldError("/record", NO_RECORD)
    try:
        server(expect)
    except (ValueError, Failed):
        yield FieldError("/resolver", NO_SERVER)
    yield from whole(expect, "slow_ms", 1, 600_000)


def hosts(target: str, expect: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The name is only asked about; it is the name server that is connected to."""
    named = server(expect)
    return [("/resolver", named[0])] if named else []


def server(expect: Mapping[str, Any]) -> tuple[str, int] | None:
    """Address and port of the name server, if one is set. Raises ValueError, `Failed`."""
    words = expect.get("resolver")
    if not words:
        return None
    try:
        return str(ip_address(words)), 53
    except ValueError:
        parts = split(f"dns://{words}")
        if parts.path or parts.query or parts.fragment:
            raise
        return str(ip_address(parts.hostname or "")), parts.port or 53


async def look(target: Target, reach: Reach, watch: Stopwatch) -> Look:
    record = target.expect.get("record") or "A"
    try:
        answer = await _resolver(target, reach).resolve(
            dns.name.from_text(target.address), record, lifetime=target.timeout, search=False
        )
    except dns.resolver.NXDOMAIN:
        raise failed(reasons.NO_SUCH_NAME, name=target.address) from None
    except dns.resolver.NoAnswer:
        raise failed(reasons.NO_RECORDS, name=target.address, record=record) from None
    except dns.exception.Timeout:
        raise TimeoutError from None
    except dns.exception.DNSException as problem:
        raise _failed(problem) from None
    finally:
        watch.lap("dns")
    return seen(watch, target.expect, _missing(target.expect, [one.to_text() for one in answer]))


def _resolver(target: Target, reach: Reach) -> dns.asyncresolver.Resolver:
    named = server(target.expect)
    made = dns.asyncresolver.Resolver(configure=named is None)
    if named is not None:
        guard.check_host(named[0], reach.allow)
        made.nameservers, made.port = [named[0]], named[1]
    return made


def _failed(problem: dns.exception.DNSException) -> Failed:
    """What the name servers said, or what was wrong with it: the last one's word."""
    said = [error[3] for error in getattr(problem, "kwargs", {}).get("errors", ())] or [problem]
    if any(isinstance(one, dns.message.ChainTooLong) for one in said):
        return failed(reasons.LOOP)
    return failed(reasons.NAME_SERVER, detail=said[-1] if isinstance(said[-1], str) else type(said[-1]).__name__)


def _missing(expect: Mapping[str, Any], found: list[str]) -> str | None:
    """The first expected value (they stand between commas) that is not there; quotes and last dots do not count."""
    plain = [_plain(one) for one in found]
    for wanted in filter(None, map(_plain, (expect.get("value") or "").split(","))):
        if wanted not in plain:
            return say(reasons.OTHER_RECORDS, expected=wanted, found=", ".join(sorted(plain)))
    return None


def _plain(value: str) -> str:
    return value.strip().strip('"').removesuffix(".").lower()
