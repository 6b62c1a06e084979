"""The settings: read once from the environment and `.env`, typed, checked at start."""

import ipaddress
import os
import re
import secrets
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from email_validator import EmailNotValidError, validate_email
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

PREFIX = "STATUSPAGE_"
# Never shown, not even when wrong.
SECRET = frozenset({"secret_key", "database_url", "smtp_url", "limiter_url"})
REFERENCE = re.compile(r"(https?://[^\s/]+\S*|[^\s/]+:[0-9]{1,5})\Z")
MAIL_SERVER = re.compile(r"smtps?://([^\s/@]+@)?([A-Za-z0-9.-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?/?")
ACCENT = re.compile(r"#[0-9a-fA-F]{6}\Z")


class WrongSetting(Exception):
    """A setting that stops the start; the message is one line that says how to mend it."""


def data_dir() -> Path:
    """Where templates/, static/ and migrations/ lie: in the wheel `_data`, in a checkout the root."""
    packed = Path(__file__).parent / "_data"
    return packed if packed.is_dir() else Path(__file__).parent.parent


class Settings(BaseSettings):
    """One field per `STATUSPAGE_…` variable; each can also come as `…_FILE` (a path)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="ignore", frozen=True)

    instance_dir: Path = Path("instance")
    database_url: str = ""
    secret_key: str = ""
    base_url: str = "http://127.0.0.1:8000"
    locales: Annotated[tuple[str, ...], NoDecode] = ("pl", "en")
    time_zone: str = "Europe/Warsaw"
    public_dir: Path | None = None
    smtp_url: str = ""
    mail_from: str = Field("", validate_default=True)
    probe_allow_private: Annotated[tuple[str, ...], NoDecode] = ()
    probe_references: Annotated[tuple[str, ...], NoDecode] = ()
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = ()
    staff_host: str = ""
    limiter_url: str = "memory://"
    silence_hours: Annotated[float, Field(gt=0, le=720)] = 4.0
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"
    brand_name: str = "Acme"
    brand_accent: str = "#1f5fae"
    support_contact: str = "support@example.com"

    @field_validator("locales", "probe_allow_private", "probe_references", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("locales")
    @classmethod
    def _known_locales(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = {"pl", "en"}
        if not value or not set(value) <= known or len(set(value)) != len(value):
            raise ValueError("name the locales once each, separated by commas, of: pl, en")
        return value

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError("use a name of the IANA database, like Europe/Warsaw")
        return value

    @field_validator("base_url")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if not re.fullmatch(r"https?://[^\s/?#]+", value.rstrip("/")):
            raise ValueError("give scheme and host without a path, like https://status.example.com")
        return value.rstrip("/")

    @field_validator("database_url")
    @classmethod
    def _known_engine(cls, value: str) -> str:
        if value.startswith(("postgresql://", "postgres://")):
            return "postgresql+psycopg://" + value.split("://", 1)[1]
        if (value and not value.startswith(("sqlite:///", "postgresql+psycopg://"))) or value == "sqlite:///":
            raise ValueError("use sqlite:///PATH or postgresql://USER@HOST/NAME")
        return value

    @field_validator("secret_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("give at least 32 characters, for example from: openssl rand -hex 32")
        return value

    @field_validator("smtp_url")
    @classmethod
    def _mail_server(cls, value: str) -> str:
        if value and value != "outbox:" and not MAIL_SERVER.fullmatch(value):
            raise ValueError("use smtp://HOST:PORT, smtps://USER:PASSWORD@HOST, or outbox: for a folder of files")
        return value

    @field_validator("mail_from")
    @classmethod
    def _sender(cls, value: str, found: ValidationInfo) -> str:
        if not value:
            if found.data.get("smtp_url"):
                raise ValueError("name the sender of our mail, like status@example.com")
            return value
        try:
            return validate_email(value, check_deliverability=False).normalized
        except EmailNotValidError:
            raise ValueError("give one e-mail address, like status@example.com") from None

    @field_validator("trusted_proxies", "probe_allow_private")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if part.lower() not in {"on", "off"}:
                _check_network(part)
        return value

    @field_validator("probe_references")
    @classmethod
    def _addresses(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for part in value:
            if not REFERENCE.match(part):
                raise ValueError(f"{part!r} is no address: name some like 192.0.2.1:53 or https://example.com/")
        return value

    @field_validator("brand_accent")
    @classmethod
    def _colour(cls, value: str) -> str:
        if not ACCENT.match(value):
            raise ValueError("give a colour as #rrggbb")
        if contrast_with_white(value) < 4.5:
            raise ValueError(
                "this colour is too light for white text on it (contrast under 4.5:1): choose a darker one"
            )
        return value

    @property
    def default_locale(self) -> str:
        return self.locales[0]

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def published(self) -> Path:
        return (self.public_dir or self.instance_dir / "public").absolute()

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{(self.instance_dir / 'statuspage.db').absolute()}"

    @cached_property
    def secret(self) -> str:
        """The secret key: as set, or made once and kept in the instance folder."""
        return self.secret_key or _kept_secret(self.instance_dir / "secret_key")


def _check_network(words: str) -> None:
    try:
        ipaddress.ip_network(words, strict=False)
    except ValueError:
        raise ValueError(f"{words!r} is no network: name addresses or networks like 10.0.0.0/8, with commas") from None


def contrast_with_white(colour: str) -> float:
    """The WCAG 2.2 contrast ratio of `#rrggbb` with white, 1 … 21."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return 1.05 / (luminance + 0.05)


def _kept_secret(path: Path) -> str:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}-{secrets.token_hex(8)}")
        with open(draft, "x", opener=_private) as file:  # Path.open takes no opener
            file.write(secrets.token_hex(32))
        # A link appears with its content: of several processes that start at once, all read the one that won.
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def load(**overrides: Any) -> Settings:
    """Read and check the settings. Raises `WrongSetting` with one line for the first wrong one."""
    env_file = Path(".env")
    try:
        given = {**_from_files(), **overrides}
        return Settings(_env_file=env_file if env_file.is_file() else None, **given)
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0])
        shown = "" if field in SECRET else f" ({first.get('input')!r})"
        reason = first["msg"].removeprefix("Value error, ").replace("\n", " ")
        raise WrongSetting(f"{PREFIX}{field.upper()} is wrong{shown}: {reason}.") from None


def _from_files() -> dict[str, str]:
    """The settings given as `STATUSPAGE_…_FILE`: the content of a file, such as a mounted secret."""
    found = {}
    for field in Settings.model_fields:
        name = f"{PREFIX}{field.upper()}_FILE"
        if name in os.environ:
            try:
                found[field] = Path(os.environ[name]).read_text().strip()
            except (OSError, ValueError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not text"
                raise WrongSetting(
                    f"{name} is wrong ({os.environ[name]!r}): {reason}. Name a readable file that holds the value."
                ) from None
    return found
