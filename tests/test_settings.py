"""Settings: a wrong one stops the start with one line that says which, why and how to mend it."""

import threading
from pathlib import Path

import pytest

from statuspage.settings import WrongSetting, load


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("LOCALES", "pl,de", "of: pl, en"),
        ("LOCALES", "", "of: pl, en"),
        ("LOCALES", "pl,pl", "once each"),
        ("TIME_ZONE", "Warsaw", "like Europe/Warsaw"),
        ("BASE_URL", "status.example.com", "https://status.example.com"),
        ("BASE_URL", "https://example.com/status", "without a path"),
        ("DATABASE_URL", "mysql://host/db", "sqlite:///PATH or postgresql://"),
        ("DATABASE_URL", "sqlite:///", "sqlite:///PATH"),
        ("SECRET_KEY", "short", "openssl rand -hex 32"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,nonsense", "like 10.0.0.0/8"),
        ("PROBE_ALLOW_PRIVATE", "localhost", "like 10.0.0.0/8"),
        ("PROBE_REFERENCES", "192.0.2.1", "like 192.0.2.1:53"),
        ("BRAND_ACCENT", "blue", "#rrggbb"),
        ("BRAND_ACCENT", "#ffff00", "darker"),
        ("LOG_LEVEL", "LOUD", "'INFO'"),
        ("LOG_FORMAT", "xml", "'json'"),
        ("MAIL_FROM", "status", "one e-mail address"),
        ("MAIL_FROM", "a@example.com, b@example.com", "one e-mail address"),
    ],
)
def test_a_wrong_value_stops_with_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str) -> None:
    monkeypatch.setenv(f"STATUSPAGE_{name}", value)
    with pytest.raises(WrongSetting) as wrong:
        load()
    line = str(wrong.value)
    assert line.startswith(f"STATUSPAGE_{name} is wrong")
    assert hint in line
    assert "\n" not in line


def test_a_wrong_mail_server_stops_the_start_and_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for url in ("mail.example.com", "http://anna:hunter2@example.com", "smtp://", "smtp://a b@example.com"):
        monkeypatch.setenv("STATUSPAGE_SMTP_URL", url)
        with pytest.raises(WrongSetting, match="STATUSPAGE_SMTP_URL is wrong: use smtp://HOST:PORT") as wrong:
            load()
        assert "hunter2" not in str(wrong.value)


def test_a_mail_server_needs_a_sender(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_SMTP_URL", "smtps://anna:p%40ss@mail.example.com:465")
    with pytest.raises(WrongSetting, match="STATUSPAGE_MAIL_FROM is wrong"):
        load()
    monkeypatch.setenv("STATUSPAGE_MAIL_FROM", "status@example.com")
    assert load().mail_from == "status@example.com"


def test_a_wrong_secret_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("SECRET_KEY", "hunter2"), ("DATABASE_URL", "mysql://me:hunter2@host/db")):
        monkeypatch.setenv(f"STATUSPAGE_{name}", value)
        with pytest.raises(WrongSetting) as wrong:
            load()
        assert "hunter2" not in str(wrong.value)
        monkeypatch.delenv(f"STATUSPAGE_{name}")


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    (elsewhere / "key").write_text("k" * 40 + "\n")
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY_FILE", str(elsewhere / "key"))
    assert load().secret == "k" * 40


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_secret_file_that_cannot_be_read_is_named(
    monkeypatch: pytest.MonkeyPatch, elsewhere: Path, content: bytes | None
) -> None:
    if content is not None:
        (elsewhere / "key").write_bytes(content)
    monkeypatch.setenv("STATUSPAGE_SECRET_KEY_FILE", str(elsewhere / "key"))
    with pytest.raises(WrongSetting, match="STATUSPAGE_SECRET_KEY_FILE is wrong"):
        load()


def test_dotenv_is_read_and_the_environment_wins(monkeypatch: pytest.MonkeyPatch, elsewhere: Path) -> None:
    (elsewhere / ".env").write_text("STATUSPAGE_BRAND_NAME=From file\nSTATUSPAGE_TIME_ZONE=UTC\nOTHER=1\n")
    monkeypatch.setenv("STATUSPAGE_BRAND_NAME", "From environment")
    assert (load().brand_name, load().time_zone) == ("From environment", "UTC")


def test_the_usual_names_of_postgres_reach_its_driver() -> None:
    for url in ("postgres://u@h/n", "postgresql://u@h/n"):
        assert load(database_url=url).database == "postgresql+psycopg://u@h/n"


def test_a_made_secret_is_kept_private_and_the_same_for_all_who_start_at_once(elsewhere: Path) -> None:
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(load().secret)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert len(set(found)) == 1
    assert len(found[0]) == 64
    kept = list((elsewhere / "instance").iterdir())
    assert [path.name for path in kept] == ["secret_key"]
    assert kept[0].stat().st_mode & 0o777 == 0o600
