"""Hands letters over: to a mail server by SMTP, or to a folder that shows what would have been sent."""

import os
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from statuspage import clock
from statuspage.errors import Invalid
from statuspage.mail.rules import Letter, message

SECONDS = 20.0
OUTBOX = "outbox:"


class Undelivered(Exception):
    """The letter was not taken; `for_good` says that another try would not change that. Names nobody."""

    def __init__(self, reason: str, *, for_good: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.for_good = for_good


class Post(Protocol):
    """What takes letters."""

    def send(self, letter: Letter) -> None:
        """Returns when the letter is in other hands. Raises `Undelivered`."""

    def check(self) -> None:
        """Whether letters would be taken now. Raises `Undelivered`."""


@dataclass(frozen=True)
class Smtp:
    """A mail server: `smtps://` speaks TLS from the start, `smtp://` as soon as the server offers it.

    A password is never sent in the clear.
    """

    url: str = field(repr=False)
    sender: str
    name: str
    seconds: float = SECONDS

    def send(self, letter: Letter) -> None:
        written = written_out(letter, self.sender, self.name)
        try:
            with self._connected() as server:
                server.send_message(written, self.sender, [written["To"].addresses[0].addr_spec])
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(said(error), for_good=is_for_good(error)) from None

    def check(self) -> None:
        try:
            with self._connected() as server:
                server.noop()
        except (OSError, smtplib.SMTPException) as error:
            raise Undelivered(said(error), for_good=is_for_good(error)) from None

    def _connected(self) -> smtplib.SMTP:
        """A conversation with the server, signed in where the address has a name."""
        parts, context = urlsplit(self.url), ssl.create_default_context()
        host = parts.hostname or "localhost"
        if parts.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=self.seconds, context=context)
        else:
            server = smtplib.SMTP(host, parts.port or 25, timeout=self.seconds)
        try:
            server.ehlo()
            secret = parts.scheme == "smtps"
            if not secret and server.has_extn("starttls"):
                server.starttls(context=context)
                secret = True
            if parts.username:
                if not secret:
                    raise smtplib.SMTPNotSupportedError("the server offers no TLS, so no password is sent to it")
                server.login(unquote(parts.username), unquote(parts.password or ""))
        except BaseException:
            server.close()
            raise
        return server


def written_out(letter: Letter, sender: str, name: str) -> EmailMessage:
    """The letter in MIME; one that cannot be written will not be written by another try."""
    try:
        return message(letter, sender, name, clock.wall())
    except Invalid as error:
        raise Undelivered(error.message, for_good=True) from None


def said(error: Exception) -> str:
    """What went wrong, without the words of the server: they may name the recipient."""
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return str(error)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"the mail server refused the recipient ({next(iter(error.recipients.values()))[0]})"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code} ({type(error).__name__})"
    return type(error).__name__ if isinstance(error, smtplib.SMTPException) else str(error) or type(error).__name__


def is_for_good(error: Exception) -> bool:
    """Whether the server refuses this recipient or this letter; all else may be mended on our side or theirs."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= 500


@dataclass(frozen=True)
class Outbox:
    """A folder instead of a mail server: each letter is kept as a file and printed, for the demo and for trying out."""

    folder: Path
    sender: str
    name: str

    def send(self, letter: Letter) -> None:
        now, written = clock.wall(), written_out(letter, self.sender, self.name)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            path = self.folder / f"{now:%Y%m%d-%H%M%S-%f}-{letter.about}.eml"
            with open(path, "xb", opener=_private) as file:  # Path.open takes no opener
                file.write(bytes(written))
        except OSError as error:
            raise Undelivered(f"{type(error).__name__}: {error.strerror}") from None
        print(self._shown(written, path), flush=True)  # noqa: T201  # it is for whoever tries the demo

    def _shown(self, written: EmailMessage, path: Path) -> str:
        return f"\nMail to {written['To']}: {written['Subject']}\n\n{written.get_content()}\n({path})\n"

    def check(self) -> None:
        pass


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def post(url: str, sender: str, name: str, folder: Path) -> Post | None:
    """Where letters go by these settings; None where nothing is set."""
    if not url:
        return None
    return Outbox(folder / "outbox", sender, name) if url == OUTBOX else Smtp(url, sender, name)
