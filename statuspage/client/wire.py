"""One request and its answer over HTTP: certificates are checked, redirects not followed, all within a deadline."""

import http.client
import ipaddress
import json
import re
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from .errors import Refused, Unreachable

LARGEST_ANSWER = 4 * 1024 * 1024
CONNECT_SECONDS = 10.0
API = re.compile(r"/api/v1(/recovery(/reports)?)?/?\Z")


@dataclass(frozen=True)
class Address:
    """Where a status page is."""

    scheme: str
    host: str
    port: int | None
    path: str

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}{f':{self.port}' if self.port else ''}{self.path}"


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def document(self) -> Any:
        """The JSON of the body, or None."""
        with suppress(ValueError, RecursionError):
            return json.loads(self.body)
        return None


def address(url: str, *, plain: bool = False) -> Address:
    """Read the address of a status page. Plain HTTP would show the token to the way: only to this machine, or asked."""
    try:
        found = urlsplit(url)
        host, port = found.hostname or "", found.port
    except ValueError:
        raise Refused("this is no address: give one like https://status.example.com") from None
    if found.scheme not in {"http", "https"} or not host or found.username is not None or found.query:
        raise Refused("this is no address of a status page: give one like https://status.example.com")
    if found.scheme == "http" and not plain and not _is_here(host):
        raise Refused("plain http would show the token to everybody on the way: use https")
    return Address(found.scheme, host, port, API.sub("", found.path).rstrip("/"))


def _is_here(host: str) -> bool:
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


class Wire:
    """Speaks to one server, a connection for each request; nothing takes longer than `deadline` seconds."""

    def __init__(self, to: Address, deadline: float, context: ssl.SSLContext | None = None) -> None:
        self.to = to
        self.deadline = deadline
        self.context = (context or ssl.create_default_context()) if to.scheme == "https" else None

    def ask(self, method: str, path: str, headers: Mapping[str, str], body: Iterator[bytes] | bytes | None) -> Answer:
        """Send and read. Raises `Unreachable` where sending again may help, `Refused` where it cannot."""
        connection, late = self._connection(), threading.Event()
        try:
            connection.connect()
            with self._deadline(connection.sock, late):
                answer = self._exchange(connection, method, path, headers, body)
            if not late.is_set():
                return answer
            reason = ""
        except ssl.SSLCertVerificationError as error:
            raise Refused(f"the certificate of {self.to.host} is not valid ({error.verify_message})") from None
        except (OSError, http.client.HTTPException) as error:
            reason = _words(error)
        finally:
            connection.close()
        reason = f"no answer within {self.deadline:g} s" if late.is_set() else reason
        raise Unreachable(f"{self.to} cannot be reached: {reason}")

    def _connection(self) -> http.client.HTTPConnection:
        timeout = min(CONNECT_SECONDS, self.deadline)
        if self.context is None:
            return http.client.HTTPConnection(self.to.host, self.to.port, timeout=timeout)
        return http.client.HTTPSConnection(self.to.host, self.to.port, timeout=timeout, context=self.context)

    @contextmanager
    def _deadline(self, sock: socket.socket, late: threading.Event) -> Iterator[None]:
        """A time limit of the socket alone begins anew with each byte: a trickle would hold us for ever."""

        def cut() -> None:
            late.set()
            with suppress(OSError):
                # Past the TLS layer, which the other thread is using.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

        sock.settimeout(self.deadline)
        timer = threading.Timer(self.deadline, cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _exchange(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: Iterator[bytes] | bytes | None,
    ) -> Answer:
        try:
            chunked = body is not None and not isinstance(body, bytes)
            more = {"Transfer-Encoding": "chunked"} if chunked else {}
            connection.request(method, self.to.path + path, body, {**headers, **more}, encode_chunked=chunked)
        except (BrokenPipeError, ConnectionResetError):
            # A server that refuses does not read on; its answer may be there already.
            pass
        answer = connection.getresponse()
        read = answer.read(LARGEST_ANSWER)
        if answer.length:
            raise http.client.IncompleteRead(b"")
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, read)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "it does not answer"
    if isinstance(error, socket.gaierror):
        return "there is no such host"
    return error.strerror if isinstance(error, OSError) and error.strerror else "the connection was cut"
