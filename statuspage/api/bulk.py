"""Takes many reports in one request: counts every line, commits in short transactions, tells what it refused."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, Protocol, TypeVar

from flask import Response, json, request
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from statuspage.api import bodies
from statuspage.api.guard import actor
from statuspage.api.idempotency import once
from statuspage.audit.actions import Actor, record
from statuspage.db import transaction
from statuspage.errors import FieldError, Invalid
from statuspage.recovery.rules.reports import Tally
from statuspage.web.gate import parse_json
from statuspage.web.problems import problem

Item = TypeVar("Item")
MOST_IN_ARRAY = 1_000
MOST_LINES = 1_000_000
MOST_ATOMIC = 100_000
MOST_ERRORS = 1_000
BATCH = 1_000
BATCHES = (50, 5_000)
LONGEST = 0.1
GAP = 0.002
STOPPED = "No more lines came in time. What is counted here was taken: send the same file again, lines may be repeated."


class Intake(Protocol[Item]):
    """A kind of report: how it is read, and what takes a batch of it."""

    name: str

    def plain(self, line: bytes) -> Item | None:
        """The item of a line that is plainly right; None where only `read` can tell."""

    def read(self, raw: Any) -> Item:
        """Raises `Invalid` with the fields that are wrong."""

    def apply(self, session: Session, items: Sequence[Item]) -> tuple[Tally, Sequence[tuple[int, FieldError]]]:
        """The tally of a batch, and the places in it of those refused after all."""


class Strict(Generic[Item]):
    """A kind of which there are few: each line is read strictly."""

    def plain(self, line: bytes) -> Item | None:
        return None


@dataclass
class Answer(Generic[Item]):
    """What became of the lines so far."""

    intake: Intake[Item]
    tally: Tally = field(default_factory=Tally)
    errors: list[dict[str, Any]] = field(default_factory=list)
    stopped: bool = False

    def read(self, line: int, raw: Any, prefix: str = "") -> tuple[int, Item] | None:
        """The item of a line with its number; None when it is refused."""
        try:
            if isinstance(raw, bytes):
                return line, self.intake.plain(raw) or self.intake.read(parse_json(raw))
            return line, self.intake.read(raw)
        except Invalid as error:
            self.tally.rejected += 1
            self._tell(line, error.fields, prefix)
            return None

    def _tell(self, line: int, fields: Iterable[FieldError], prefix: str) -> None:
        for one in fields:
            if len(self.errors) < MOST_ERRORS:
                self.errors.append({"line": line, "path": prefix + one.path, "reason": one.reason})

    def take(self, session: Session, items: Sequence[tuple[int, Item]], *, prefixed: bool = False) -> Tally:
        tally, refused = self.intake.apply(session, [item for _, item in items])
        for place, fault in refused:
            self._tell(items[place][0], [fault], f"/{items[place][0] - 1}" if prefixed else "")
        return tally

    def until_it_stops(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
        """What comes in time; where the caller stops sending, that is the end."""
        try:
            yield from lines
        except RequestTimeout:
            self.stopped = True

    def response(self) -> Response:
        """The four counts and the errors; a problem when every line was refused, or they stopped coming."""
        counts = {name: getattr(self.tally, name) for name in ("applied", "unchanged", "stale", "rejected")}
        body = {**counts, "errors": self.errors}
        if self.stopped:
            return problem(408, STOPPED, more=body)
        if self.tally.rejected and self.tally.rejected == self.tally.lines:
            first = self.errors[0]
            detail = f"Nothing was taken. {first['path']} {first['reason']}".strip()
            return problem(422, detail, more=body)
        return Response(json.dumps(body), 200, mimetype=bodies.JSON)


def receive(intake: Intake[Item]) -> Response:
    """One report, an array, or lines: whatever the request holds."""
    if bodies.media_type(bodies.JSON, bodies.LINES) == bodies.JSON:
        return _document(intake)
    if request.args.get("atomic") == "true":
        return _all_or_none(intake)
    return _stream(intake)


def _document(intake: Intake[Item]) -> Response:
    """One report or an array, in one transaction with the kept answer."""
    body = request.get_data()
    raw = parse_json(body)
    many = isinstance(raw, list)
    if many and len(raw) > MOST_IN_ARRAY:
        raise RequestEntityTooLarge(f"At most {MOST_IN_ARRAY} in an array: send {bodies.LINES} for more.")

    def work(session: Session) -> Response:
        answer = Answer(intake)
        read = [
            answer.read(place, one, f"/{place - 1}" if many else "")
            for place, one in enumerate(raw if many else [raw], 1)
        ]
        items = [one for one in read if one]
        if answer.tally.rejected and request.args.get("atomic") == "true":
            return _none_taken(answer)
        if items:
            answer.tally.add(answer.take(session, items, prefixed=many))
            if answer.errors and request.args.get("atomic") == "true":
                raise _refusal(answer)
            _note(session, actor(), answer, hashlib.sha256(body).hexdigest())
        return answer.response()

    with transaction() as session:
        return once(session, body, lambda: work(session))


def _none_taken(answer: Answer[Item]) -> Response:
    """All or none was asked for, and some lines are wrong."""
    detail = "Nothing was taken, as all or none was asked for: mend the lines named and send all again."
    return problem(422, detail, more={"errors": answer.errors})


def _refusal(answer: Answer[Item]) -> Invalid:
    """Undoes what was taken of a request of which some lines were refused after all."""
    return Invalid("Nothing was taken.", tuple(FieldError(one["path"], one["reason"]) for one in answer.errors))


def _all_or_none(intake: Intake[Item]) -> Response:
    answer, digest = Answer(intake), hashlib.sha256()
    items = [one for one in _items(answer, bodies.lines(MOST_ATOMIC), digest) if one]
    if answer.tally.rejected:
        return _none_taken(answer)
    with transaction() as session:
        for start in range(0, len(items), BATCH):
            answer.tally.add(answer.take(session, items[start : start + BATCH]))
        if answer.errors:
            raise _refusal(answer)
        _note(session, actor(), answer, digest.hexdigest())
    return answer.response()


def _items(
    answer: Answer[Item], numbered: Iterable[tuple[int, bytes]], digest: Any
) -> Iterator[tuple[int, Item] | None]:
    for number, line in numbered:
        digest.update(line)
        yield answer.read(number, line)


def _stream(intake: Intake[Item]) -> Response:
    """Lines as they come, in transactions of at most about 100 ms with a gap for other writers.

    When the connection is cut or stops, what came before stays: reports may be repeated, so the same file can be sent
    again.
    """
    if request.headers.get("Idempotency-Key"):
        raise Invalid(
            "Lines take no Idempotency-Key.", (FieldError("", "leave the header out: lines may simply be repeated"),)
        )
    answer, digest = Answer(intake), hashlib.sha256()
    who = actor()
    source = _items(answer, answer.until_it_stops(bodies.lines(MOST_LINES)), digest)
    size = BATCH
    try:
        while batch := list(islice(source, size)):
            started = time.monotonic()
            with transaction(quiet=True) as session:
                tally = answer.take(session, [one for one in batch if one])
            answer.tally.add(tally)
            size = next_size(size, time.monotonic() - started)
            time.sleep(GAP)
    finally:
        if answer.tally.applied:
            with transaction() as session:
                _note(session, who, answer, digest.hexdigest())
    return answer.response()


def next_size(size: int, took: float) -> int:
    """How many lines to take next, so that a transaction lasts nearly as long as it may."""
    least, most = BATCHES
    wanted = int(size * 0.8 * LONGEST / took) if took > 0 else most
    return max(least, min(most, wanted, 2 * size))


def _note(session: Session, who: Actor, answer: Answer[Item], digest: str) -> None:
    """One entry a request: its counts and the hash of what was sent."""
    after = {**vars(answer.tally), "sha256": digest}
    record(session, who, f"recovery.{answer.intake.name}", "recovery", after=after)
