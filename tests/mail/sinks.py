"""A mail server for tests: speaks enough SMTP, keeps what it takes, refuses whom it is told to."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

HOST = "127.0.0.1"


@dataclass
class Sink:
    """What came in: the envelope and the letter; `refuse` answers RCPT with a code, by address."""

    port: int = 0
    taken: list[tuple[str, list[str], EmailMessage]] = field(default_factory=list)
    refuse: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"smtp://{HOST}:{self.port}"


class Conversation(socketserver.StreamRequestHandler):
    """One client."""

    timeout = 10

    def handle(self) -> None:
        sink: Sink = self.server.sink  # type: ignore[attr-defined]  # set below
        self.say(220, "sink")
        sender, recipients = "", []
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            sink.said.append(line)
            word = line[:4].upper()
            if word == "QUIT":
                self.say(221, "bye")
                return
            if word == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
            if word == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
                if address in sink.refuse:
                    self.say(sink.refuse[address], f"no <{address}> here")
                    continue
                recipients.append(address)
            if word == "DATA":
                self.say(354, "go on")
                sink.taken.append((sender, list(recipients), self.letter()))
            self.say(250, "fine")

    def letter(self) -> EmailMessage:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
        found = message_from_bytes(b"".join(lines), policy=policy.default)
        assert isinstance(found, EmailMessage)
        return found

    def say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def sink() -> Iterator[Sink]:
    """A mail server on a free port of this machine."""
    with Server((HOST, 0), Conversation) as server:
        found = Sink(server.server_address[1])
        server.sink = found  # type: ignore[attr-defined]  # the conversations find it there
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield found
        server.shutdown()
        thread.join()
