"""Every setting, its type, default and meaning; nothing else reads the environment."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from email.headerregistry import Address
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from babel import localedata
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError


class WrongSetting(Exception):
    """A setting is missing or malformed; the message is one line that names the variable."""


def setting(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


PACKAGED_ENCODERS = ("minilm", "use-multilingual", "basic")


@dataclass(frozen=True)
class EncoderSpec:
    """A packaged encoder by its name, or a sentence-transformers model in a folder."""

    name: str
    folder: str = ""
    dimension: int = 0
    prefix: str = ""
    """Put before every text, as some models ask."""
    languages: tuple[str, ...] = ()
    """Codes of ISO 639-1; empty means any."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> EncoderSpec:
        """The inverse of `dataclasses.asdict`, also from JSON. Raises ValueError with what is wrong."""
        if not isinstance(facts, Mapping) or not isinstance(facts.get("languages", []), list | tuple):
            raise ValueError("must list names, or objects with a list of languages")
        if (
            any(not isinstance(facts.get(name, ""), str) for name in ("name", "folder", "prefix"))
            or "name" not in facts
        ):
            raise ValueError("must give each encoder a name, and its name, folder and prefix as text")
        if unknown := facts.keys() - {each.name for each in fields(cls)}:
            raise ValueError(f"has the unknown key {min(unknown)!r}")
        spec = cls(**{**facts, "languages": tuple(facts.get("languages", ()))})
        if not spec.folder and spec.name not in PACKAGED_ENCODERS:
            raise ValueError(f"names {spec.name!r}; packaged are: {', '.join(PACKAGED_ENCODERS)}")
        if spec.folder and not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", spec.name):
            raise ValueError(f"has the name {spec.name!r}; it must be letters, digits, dots and hyphens")
        if spec.folder and not (isinstance(spec.dimension, int) and 0 < spec.dimension <= 2000):
            raise ValueError(f"gives {spec.name} no dimension from 1 to 2000")
        return spec


def read_encoder_specs(text: str) -> tuple[EncoderSpec, ...]:
    """From names with commas, or a JSON list of names and objects. Raises WrongSetting."""
    try:
        given = json.loads(text) if text.lstrip().startswith("[") else [part.strip() for part in text.split(",")]
        specs = tuple(EncoderSpec.of({"name": each} if isinstance(each, str) else each) for each in given if each)
    except json.JSONDecodeError:
        raise WrongSetting("ENCODERS is neither names with commas nor a JSON list") from None
    except ValueError as error:
        raise WrongSetting(f"ENCODERS {error}") from None
    if not specs or len({spec.name for spec in specs}) < len(specs):
        raise WrongSetting("ENCODERS must name at least one encoder, and each once")
    return specs


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed over."""

    host: str
    port: int
    name: str
    password: str = field(repr=False)
    is_encrypted: bool
    """From the first byte on, as opposed to STARTTLS."""

    @classmethod
    def of(cls, address: str) -> MailServer:
        """From an address like `smtp://user:password@host:587`. Raises WrongSetting, without the password."""
        try:
            parts = urlsplit(address)
            host, port = parts.hostname, parts.port
        except ValueError:
            host = port = None
        if not host or parts.scheme not in ("smtp", "smtps") or parts.path.strip("/") or parts.query:
            raise WrongSetting("SMTP_URL is not an address like smtp://user:password@host:587 or smtps://host")
        is_encrypted = parts.scheme == "smtps"
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        if bool(name) != bool(password):
            raise WrongSetting("SMTP_URL must give both a user and a password, or neither")
        return cls(host, port or (465 if is_encrypted else 587), name, password, is_encrypted)

    @property
    def is_on_this_machine(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True)
class Settings:
    """What the operator decides. Each field is read from the environment variable of its upper-case name."""

    environment: Literal["development", "production"] = setting(
        "development", "`production` demands a secret key and sends cookies over https only"
    )
    database_url: str = setting("", "`postgresql://...`; empty means SQLite in the instance folder")
    instance_dir: Path = setting(Path("instance"), "folder for the SQLite database, the vector files and the key")
    secret_key: str = setting("", "signs cookies; at least 32 characters; in development one is made and kept")
    base_url: str = setting("", "public address, as in `https://commons.example`; empty means the local server")
    host: str = setting("127.0.0.1", "address the server listens on")
    port: int = setting(8000, "port the server listens on")
    web_processes: int = setting(2, "web server processes")
    web_threads: int = setting(32, "threads in each web server process")
    proxy_hops: int = setting(0, "trusted proxies in front of the server that set X-Forwarded-For")
    trusted_hosts: tuple[str, ...] = setting((), "host names the server answers to; empty means any")
    worker: Literal["thread", "off"] = setting(
        "thread", "`thread` runs jobs inside the server; `off` leaves them to `commons worker`"
    )
    encoders: str = setting(
        "minilm, use-multilingual",
        "sentence encoders, the preferred first; `basic` matches by words alone, without torch; others: see Encoders",
    )
    locales: tuple[str, ...] = setting(("en",), "interface languages offered, first is the default")
    smtp_url: str = setting(
        "",
        "`smtp://user:password@host:587` or `smtps://...`; empty: mails become files shown at `/dev/mail`, and wait in "
        "production",
    )
    mail_from: str = setting("", "sender of mails; empty means `commons@` and the host of the public address")
    rate_limits: bool = setting(True, "limits on sign-in, registration and posting")
    sqlite_synchronous: Literal["FULL", "NORMAL"] = setting(
        "FULL", "`NORMAL` is faster; a power cut may lose the last commits"
    )

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read the environment. Raises WrongSetting with one line that names the variable."""
        settings = cls(
            **{each.name: _read(each.name, each.default, environ) for each in fields(cls) if _given(each.name, environ)}
        )
        settings._check()
        return settings

    @property
    def is_production(self) -> bool:
        return self.environment == "production"

    @property
    def is_secure(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def public_url(self) -> str:
        return self.base_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def public_host(self) -> str:
        return urlsplit(self.public_url).hostname or "localhost"

    @property
    def mail_server(self) -> MailServer | None:
        """Raises WrongSetting."""
        return MailServer.of(self.smtp_url) if self.smtp_url else None

    @property
    def sends_mail(self) -> bool:
        """In development without a server, to files."""
        return bool(self.smtp_url) or not self.is_production

    @property
    def mail_sender(self) -> Address:
        """Raises WrongSetting."""
        if not self.mail_from:
            return Address("E-waste Challenge Commons", "commons", self.public_host)
        try:
            message = EmailMessage()
            message["From"] = self.mail_from
            (sender,) = message["From"].addresses
        except ValueError:
            sender = None
        if sender is None or not (sender.username and sender.domain) or message["From"].defects:
            raise WrongSetting("MAIL_FROM must be one address, like Commons <commons@commons.example>")
        return sender

    @property
    def database(self) -> URL:
        if not self.database_url:
            return URL.create("sqlite", database=str(self.instance_dir.absolute() / "commons.db"))
        url = make_url(self.database_url)
        return url.set(drivername="postgresql+psycopg") if url.get_backend_name() == "postgresql" else url

    def make_instance_dir(self) -> None:
        """Raises WrongSetting when the folder cannot be made or written to."""
        try:
            self.instance_dir.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=self.instance_dir):
                pass
        except OSError as error:
            raise WrongSetting(f"INSTANCE_DIR {self.instance_dir} cannot be written to: {error.strerror}") from None

    def secret(self) -> str:
        """The signing key: the one given or, in development, one made once and kept in the instance folder."""
        if self.secret_key:
            return self.secret_key
        kept = self.instance_dir / "secret_key"
        if not kept.exists():
            self.instance_dir.mkdir(parents=True, exist_ok=True)
            kept.touch(mode=0o600)
            kept.write_text(secrets.token_urlsafe(48))
        return kept.read_text()

    @property
    def encoder_specs(self) -> tuple[EncoderSpec, ...]:
        """Raises WrongSetting."""
        return read_encoder_specs(self.encoders)

    def _check(self) -> None:
        read_encoder_specs(self.encoders)
        _ = self.mail_server, self.mail_sender
        if self.is_production and not self.secret_key:
            raise WrongSetting("SECRET_KEY is missing: production needs one of at least 32 characters")
        if self.secret_key and len(self.secret_key) < 32:
            raise WrongSetting("SECRET_KEY is too short: at least 32 characters")
        if self.is_production and not self.base_url.startswith("https://"):
            raise WrongSetting("BASE_URL must start with https:// in production")
        if self.base_url and not self.base_url.startswith(("http://", "https://")):
            raise WrongSetting("BASE_URL must start with http:// or https://")
        for locale in self.locales:
            if not localedata.exists(locale):
                raise WrongSetting(f"LOCALES names {locale!r}, which is no locale like en or pt_BR")
        try:
            backend = self.database.get_backend_name()
        except ArgumentError:
            raise WrongSetting("DATABASE_URL is not an address like postgresql://user@host/name") from None
        if backend not in ("sqlite", "postgresql"):
            raise WrongSetting(f"DATABASE_URL names {backend}; sqlite and postgresql are supported")


def settings_table() -> str:
    """The settings as a Markdown table, for the README."""
    rows = [
        f"| `{each.name.upper()}` | {_shown(each.default)} | {each.metadata['meaning']} |" for each in fields(Settings)
    ]
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *rows])


def _given(name: str, environ: Mapping[str, str]) -> bool:
    return bool(environ.get(name.upper()) or environ.get(f"{name.upper()}_FILE"))


def _read(name: str, default: Any, environ: Mapping[str, str]) -> Any:
    variable = name.upper()
    try:
        text = environ.get(variable) or Path(environ[f"{variable}_FILE"]).read_text().strip()
    except OSError as error:
        raise WrongSetting(f"{variable}_FILE cannot be read: {error.strerror}") from None
    if name in _CHOICES and text not in _CHOICES[name]:
        raise WrongSetting(f"{variable} is {text!r}; it must be one of: {', '.join(_CHOICES[name])}")
    return _parse(variable, text, default)


def _parse(variable: str, text: str, default: Any) -> Any:
    if isinstance(default, bool):
        if text.lower() not in ("on", "off", "true", "false", "1", "0"):
            raise WrongSetting(f"{variable} is {text!r}; it must be on or off")
        return text.lower() in ("on", "true", "1")
    if isinstance(default, int):
        least = _LEAST.get(variable, 0)
        if not (text.isascii() and text.isdecimal() and least <= int(text) <= 65535):
            raise WrongSetting(f"{variable} is {text!r}; it must be a whole number from {least} to 65535")
        return int(text)
    if isinstance(default, tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return Path(text) if isinstance(default, Path) else text


def _shown(default: Any) -> str:
    if isinstance(default, bool):
        return "`on`" if default else "`off`"
    if isinstance(default, tuple):
        default = ",".join(default)
    return f"`{default}`" if str(default) else "empty"


_LEAST = {"WEB_PROCESSES": 1, "WEB_THREADS": 1}
_CHOICES = {
    "environment": ("development", "production"),
    "worker": ("thread", "off"),
    "sqlite_synchronous": ("FULL", "NORMAL"),
}
