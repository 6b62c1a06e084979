"""Letters reach a real mail server, or say why not and name nobody."""

import socket
from pathlib import Path

import pytest

from statuspage.mail.client import Outbox, Smtp, Undelivered, post
from statuspage.mail.rules import Letter
from tests.mail.sinks import HOST, sink

LETTER = Letter("anna@example.com", "Twój link", "Oto link:\n.\nhttps://status.example.com/\n", "link-7")


def smtp(url: str) -> Smtp:
    return Smtp(url, "status@example.com", "Acme · Status", seconds=2)


def test_a_letter_arrives_whole_from_the_sender_to_one_address() -> None:
    with sink() as server:
        smtp(server.url).send(LETTER)
        ((sender, recipients, letter),) = server.taken
    assert (sender, recipients) == ("status@example.com", ["anna@example.com"])
    assert letter["Subject"] == "Twój link"
    assert str(letter["From"]) == "Acme · Status <status@example.com>"
    assert letter.get_content().replace("\r\n", "\n") == LETTER.body
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["Message-ID"].endswith(".link-7@example.com>")


@pytest.mark.parametrize(("code", "for_good"), [(550, True), (451, False)])
def test_a_refused_recipient_is_for_good_or_for_now_and_is_not_named(code: int, *, for_good: bool) -> None:
    with sink() as server:
        server.refuse["anna@example.com"] = code
        with pytest.raises(Undelivered) as refused:
            smtp(server.url).send(LETTER)
    assert refused.value.for_good is for_good
    assert str(code) in refused.value.reason
    assert "anna" not in refused.value.reason


def test_a_server_that_is_not_there_is_tried_again_later() -> None:
    with socket.socket() as held:
        held.bind((HOST, 0))
        nobody = smtp(f"smtp://{HOST}:{held.getsockname()[1]}")
        with pytest.raises(Undelivered) as refused:
            nobody.send(LETTER)
    assert not refused.value.for_good
    assert "refused" in refused.value.reason.lower()


def test_a_server_that_says_nothing_is_given_up_after_the_deadline() -> None:
    with socket.socket() as mute:
        mute.bind((HOST, 0))
        mute.listen()
        with pytest.raises(Undelivered):
            Smtp(f"smtp://{HOST}:{mute.getsockname()[1]}", "status@example.com", "Acme", seconds=0.2).check()


def test_a_password_is_not_sent_in_the_clear() -> None:
    with sink() as server:
        with pytest.raises(Undelivered, match="no TLS"):
            smtp(server.url.replace("smtp://", "smtp://anna:secret@")).send(LETTER)
        assert server.taken == []
        assert not any("secret" in line or line.startswith("AUTH") for line in server.said)


@pytest.mark.parametrize("to", ["anna@example.com, bert@example.com", "anna@example.com\r\nBcc: b@example.com", "anna"])
def test_what_is_not_one_address_is_never_sent(to: str) -> None:
    with sink() as server:
        with pytest.raises(Undelivered) as refused:
            smtp(server.url).send(Letter(to, "s", "b", "x"))
        assert refused.value.for_good
        assert server.taken == []


def test_the_outbox_keeps_and_prints_what_would_have_been_sent(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    way = post("outbox:", "status@example.com", "Acme", tmp_path)
    assert isinstance(way, Outbox)
    way.check()
    way.send(LETTER)
    (path,) = (tmp_path / "outbox").glob("*-link-7.eml")
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"To: anna@example.com" in path.read_bytes()
    assert "https://status.example.com/" in capsys.readouterr().out


def test_without_a_setting_there_is_no_way(tmp_path: Path) -> None:
    assert post("", "", "Acme", tmp_path) is None
