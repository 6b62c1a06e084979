"""Reports of restoration at the desk as files: a sheet looked at and then taken, and all that is on record."""

import hashlib
from collections.abc import Iterator

from flask import Flask, Response, request, stream_with_context
from sqlalchemy.orm import Session
from wtforms import FileField, HiddenField

from statuspage import clock
from statuspage.audit.actions import record
from statuspage.db import reading, transaction
from statuspage.errors import Invalid
from statuspage.i18n import noop
from statuspage.recovery.actions.reports import apply
from statuspage.recovery.queries import board
from statuspage.recovery.queries.progress import panel_ids
from statuspage.recovery.rules.reports import Report, Tally
from statuspage.staff import desk, sheets
from statuspage.staff.forms import StaffForm
from statuspage.staff.permissions import Permission
from statuspage.web import policy
from statuspage.web.gate import clean

LIST = "/staff/recovery/"
LARGEST = 512 * 1024
SHOWN = 20
NO_FILE = noop("Choose a file.")
NOT_UTF8 = noop("This file is not clean UTF-8 text: save it as “CSV UTF-8”.")
TOO_LARGE = noop("This file is too large: at most 512 KB at a time.")
KINDS = {"csv": (sheets.as_csv, "text/csv"), "ndjson": (sheets.as_lines, "application/x-ndjson")}


class SheetForm(StaffForm):
    """A file, or the same file again as its preview carries it."""

    sheet = FileField(noop("File (CSV, UTF-8)"))
    content = HiddenField()

    def words(self) -> str:
        """The sheet. Raises `Invalid` where there is none that can be read."""
        sent = request.files.get("sheet")
        if sent is None:
            found: str = self.content.data or ""
            return found
        with sent.stream:
            raw = sent.read(LARGEST + 1)
        if not raw or len(raw) > LARGEST:
            raise Invalid(TOO_LARGE if raw else NO_FILE)
        try:
            return clean(raw.decode("utf-8-sig"))
        except (UnicodeDecodeError, Invalid):
            raise Invalid(NOT_UTF8) from None


def register(app: Flask) -> None:
    app.add_url_rule(f"{LIST}import/", "staff.recovery_import", import_sheet, methods=["GET", "POST"])
    app.add_url_rule(f"{LIST}export", "staff.recovery_export", export)


@policy.needs("staff", Permission.RECOVERY_FILES)
def import_sheet() -> Response:
    """The file's preview first; what was looked at is taken when it is sent again from there."""
    request.max_form_memory_size = 2 * LARGEST
    form, sheet, tally, words = SheetForm.received(), None, None, ""
    if form.accepted():
        with form.saving(quiet="content" not in request.form) as session:
            panels, words = panel_ids(session), form.words()
            sheet = sheets.read(words, panels)
            if "sheet" not in request.files:
                tally = _take(session, panels, sheet, words)
    frame = {"form": form, "sheet": sheet, "tally": tally, "words": words, "shown": SHOWN, "columns": sheets.COLUMNS}
    return desk.page("staff/recovery_import.html", form.status, **frame)


def _take(session: Session, panels: dict[str, int], sheet: sheets.Sheet, words: str) -> Tally:
    """Apply what is right in one transaction, with one audit entry."""
    tally = apply(session, panels, [one for _, one in sheet.reports], clock.now(), by=desk.actor().name)
    tally.rejected = sheet.wrong
    after = {**vars(tally), "sha256": hashlib.sha256(words.encode()).hexdigest()}
    record(session, desk.actor(), "recovery.import", "recovery", after=after)
    return tally


@policy.needs("staff", Permission.RECOVERY_FILES)
def export() -> Response:
    """All that is on record, of one panel or of all, as it is read."""
    kind = request.args.get("as") if request.args.get("as") in KINDS else "csv"
    panel = clean(request.args.get("panel", ""))[:64] or None
    written, media_type = KINDS[kind or "csv"]
    with transaction(quiet=True) as session:
        record(session, desk.actor(), "recovery.export", f"panel:{panel}" if panel else "recovery", after={"as": kind})
    headers = {"Content-Disposition": f'attachment; filename="recovery.{kind}"'}
    lines = stream_with_context(written(_reports(panel)))
    return Response(lines, 200, headers, mimetype=media_type)


def _reports(panel: str | None) -> Iterator[Report]:
    """Page by page, so that a million accounts neither fill the memory nor hold one transaction."""
    last = 0
    while True:
        with reading() as session:
            last, found = board.reports_after(session, last, panel)
        yield from found
        if not last:
            return
