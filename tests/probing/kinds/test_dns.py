"""Records as a name server tells them: there, as expected, failing, in circles, changing."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from statuspage.probing.rules import Kind, Look, Target
from tests.probing.looks import look

Answers = Callable[[dns.message.Message], dns.message.Message]


@contextmanager
def name_server(answers: Answers) -> Iterator[int]:
    """A name server on this machine that answers each question with `answers`."""

    def serve(line: socket.socket) -> None:
        while True:
            try:
                words, asker = line.recvfrom(4096)
            except TimeoutError:
                continue
            except OSError:
                return
            if not words:
                return
            line.sendto(answers(dns.message.from_wire(words)).to_wire(), asker)

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=serve, args=(line,), daemon=True)
        thread.start()
        yield line.getsockname()[1]
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", line.getsockname())
        thread.join()


def records(*rows: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR) -> Answers:
    """Rows as `name type value`."""

    def answer(question: dns.message.Message) -> dns.message.Message:
        made = dns.message.make_response(question, recursion_available=True)
        made.set_rcode(rcode)
        for row in rows:
            name, kind, value = row.split(" ", 2)
            made.answer.append(dns.rrset.from_text(name, 60, "IN", kind, value))
        return made

    return answer


def asked(port: int, **expect: object) -> Look:
    return look(Target(Kind.DNS, "panel.example", 2, {"resolver": f"127.0.0.1:{port}", **expect}))[0]


def test_a_name_with_the_expected_records_is_up() -> None:
    with name_server(records("panel.example. A 192.0.2.1", "panel.example. A 192.0.2.2")) as port:
        assert asked(port).ok
        assert asked(port, value="192.0.2.2, 192.0.2.1").ok
        other = asked(port, value="192.0.2.3")
    assert other.error == "192.0.2.3 is not among the answers: 192.0.2.1, 192.0.2.2"
    assert list(other.phases) == ["dns"]


def test_quotes_case_and_last_dots_do_not_count() -> None:
    with name_server(records('panel.example. TXT "Hello World"')) as port:
        assert asked(port, record="TXT", value="hello world").ok
    with name_server(records("panel.example. MX 10 Mail.example.")) as port:
        assert asked(port, record="MX", value="10 mail.example").ok


def test_a_name_that_is_away_or_empty_is_said_so() -> None:
    with name_server(records(rcode=dns.rcode.NXDOMAIN)) as port:
        assert asked(port).error == "panel.example does not exist"
    with name_server(records()) as port:
        assert asked(port, record="AAAA").error == "panel.example has no AAAA records"


def test_a_name_server_that_fails_is_said_so() -> None:
    with name_server(records(rcode=dns.rcode.SERVFAIL)) as port:
        assert asked(port).error == "the name server answers with an error: SERVFAIL"


def test_names_that_lead_in_a_circle_end() -> None:
    with name_server(records("panel.example. CNAME b.example.", "b.example. CNAME panel.example.")) as port:
        assert asked(port).error == "the name leads round in a circle"


def test_a_name_that_flips_is_judged_each_time() -> None:
    answers = iter([records("panel.example. A 192.0.2.1"), records("panel.example. A 192.0.2.66")])

    def flips(question: dns.message.Message) -> dns.message.Message:
        return next(answers)(question)

    with name_server(flips) as port:
        assert [asked(port, value="192.0.2.1").ok for _ in range(2)] == [True, False]
