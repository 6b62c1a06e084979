"""The calls of the recovery API: each is repeated until it is answered, as each may be."""

import json
import random
import re
import ssl
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from .errors import Refused, Unreachable, shown
from .lines import MOST_LINES, Line, Part, parts
from .results import LineError, Result, is_tally
from .waiting import pause, retry_after
from .wire import Answer, Wire, address

BASE = "/api/v1/recovery"
REPORTS = "reports"
TRANSFERS = "transfers/reports"
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504, 507})
MOST_LINKS = 1000
# A server that never answered is more likely a wrong address than one that comes back.
FIRST_CONTACT = 10.0
TOKEN = re.compile(r"[\x21-\x7e]{1,512}")


@dataclass(frozen=True)
class Link:
    """The address of one account's page: a secret, for its owner alone."""

    panel: str
    account: str
    link: str = field(repr=False)


@dataclass
class Links:
    """The links that were made, and why some were not; the lines are the places in what was asked for."""

    made: list[Link] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


def _ignore(result: Result) -> None:
    pass


class Client:
    """Speaks to the recovery API of one status page.

    `deadline` bounds each request, `patience` how long to go on without any answer; `on_wait(reason, seconds)` hears of
    each pause.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        deadline: float = 120.0,
        patience: float = 300.0,
        part_lines: int = MOST_LINES,
        plain_http: bool = False,
        context: ssl.SSLContext | None = None,
        on_wait: Callable[[str, float], None] | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not TOKEN.fullmatch(token):
            raise Refused("this is no token: a token is one word, like sp_…")
        self.address = address(url, plain=plain_http)
        self.patience = patience
        self.part_lines = part_lines
        self.on_wait = on_wait or (lambda reason, seconds: None)
        self._wire = Wire(self.address, deadline, context)
        self._token = token
        self._sleep = sleep
        self._answered = False

    def __repr__(self) -> str:
        return f"Client({str(self.address)!r})"

    def push(
        self,
        lines: Iterable[Line],
        *,
        what: str = REPORTS,
        result: Result | None = None,
        on_part: Callable[[Result], None] = _ignore,
    ) -> Result:
        """Send lines (of JSON, or documents) in parts; `result` is what earlier parts came to."""
        self.check(what)
        result = result or Result()
        for part in parts(lines, self.part_lines):
            result.add(self._send(part, what), part.lines, len(part.body))
            on_part(result)
        return result

    def check(self, what: str = REPORTS) -> None:
        """Raise at once what is wrong with the address or the token, before anything long is sent."""
        self._send(Part(b"\n", 0), what)

    def size(self, panel: str, accounts: int) -> None:
        """Say how many accounts a panel has."""
        self._call("PUT", f"/panels/{quote(panel, safe='')}/size", {"size": accounts})

    def account(self, panel: str, account: str) -> dict[str, Any]:
        """Where every stage of one account stands."""
        return self._call("GET", f"/panels/{quote(panel, safe='')}/accounts/{quote(account, safe='')}")

    def open_transfer(self, **fields: Any) -> dict[str, Any]:
        """Begin to move orders; the fields are those of the API. A repeat opens no second one."""
        return self._call("POST", "/transfers", fields, key=uuid4().hex)

    def transfer(self, transfer: str) -> dict[str, Any]:
        """How far one transfer has come."""
        return self._call("GET", f"/transfers/{quote(transfer, safe='')}")

    def links(self, accounts: Iterable[tuple[str, str]]) -> Links:
        """Make a link for each (panel, account), a thousand at a time."""
        found, rest, before = Links(), iter(accounts), 0
        while some := list(islice(rest, MOST_LINKS)):
            asked = [{"panel": panel, "account": account} for panel, account in some]
            answer = self._call("POST", "/links", asked, key=uuid4().hex)
            found.made += [Link(one["panel"], one["account"], one["link"]) for one in answer["links"]]
            found.errors += [LineError(before + one["line"], one["path"], one["reason"]) for one in answer["errors"]]
            before += len(some)
        return found

    def _send(self, part: Part, what: str) -> dict[str, Any]:
        path = f"{BASE}/{what}"
        answer = self._insist("POST", path, {"Content-Type": "application/x-ndjson"}, part.chunks)
        document = answer.document()
        if answer.status in {200, 422} and is_tally(document):
            return dict(document)
        raise self._refusal(answer)

    def _call(self, method: str, path: str, body: Any = None, key: str | None = None) -> dict[str, Any]:
        headers = {"Idempotency-Key": key} if key else {}
        raw = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            raw = json.dumps(body, ensure_ascii=False).encode()
        answer = self._insist(method, BASE + path, headers, lambda: raw)
        document = answer.document()
        if answer.status in {200, 201} and isinstance(document, dict):
            return document
        raise self._refusal(answer)

    def _insist(
        self, method: str, path: str, headers: dict[str, str], body: Callable[[], Iterator[bytes] | bytes | None]
    ) -> Answer:
        """Ask until there is an answer that is one, or patience ends."""
        headers = {"Authorization": f"Bearer {self._token}", "Accept": "application/json", **headers}
        begun, tries = time.monotonic(), 0
        while True:
            asked = None
            try:
                answer = self._wire.ask(method, path, headers, body())
                self._answered = True
                if answer.status not in AGAIN:
                    return answer
                reason = f"{self.address} is busy ({answer.status})"
                asked = retry_after(answer.headers.get("retry-after"), time.time())
            except Unreachable as error:
                reason = str(error)
            self._wait(reason, pause(tries, asked, random.random()), begun)  # noqa: S311  # jitter is no secret
            tries += 1

    def _wait(self, reason: str, seconds: float, begun: float) -> None:
        patience = self.patience if self._answered else min(self.patience, FIRST_CONTACT)
        if time.monotonic() - begun + seconds > patience:
            raise Unreachable(reason)
        self.on_wait(reason, seconds)
        self._sleep(seconds)

    def _refusal(self, answer: Answer) -> Refused:
        document = answer.document()
        said = document.get("detail") if isinstance(document, dict) else None
        if 300 <= answer.status < 400:
            to = shown(answer.headers.get("location", "elsewhere"), self._token)
            return Refused(f"{self.address} sends us on to {to}: give the address that answers itself")
        if answer.status == 401:
            return Refused("the token was refused: it is wrong, expired or revoked; make one with `statuspage token`")
        if isinstance(said, str) and said and answer.status != 404:
            return Refused(f"{self.address} refused: {shown(said, self._token)}")
        return Refused(f"there is no recovery API at {self.address} (it answered {answer.status}): check the address")
