"""A wrong setting stops the start with one line that names the variable."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import ROOT, create_app
from app.settings import EncoderSpec, MailServer, Settings, WrongSetting, settings_table

SECRET = "a secret key of more than thirty-two characters"
PRODUCTION = {"ENVIRONMENT": "production", "SECRET_KEY": SECRET, "BASE_URL": "https://commons.example"}
WRONG = [
    ({"ENVIRONMENT": "staging"}, "ENVIRONMENT"),
    ({"ENVIRONMENT": "Production"}, "ENVIRONMENT"),
    ({**PRODUCTION, "SECRET_KEY": ""}, "SECRET_KEY"),
    ({**PRODUCTION, "SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({**PRODUCTION, "BASE_URL": ""}, "BASE_URL"),
    ({**PRODUCTION, "BASE_URL": "http://commons.example"}, "BASE_URL"),
    ({"BASE_URL": "commons.example"}, "BASE_URL"),
    ({"BASE_URL": "ftp://commons.example"}, "BASE_URL"),
    ({"DATABASE_URL": "nonsense"}, "DATABASE_URL"),
    ({"DATABASE_URL": "mysql://localhost/commons"}, "DATABASE_URL"),
    ({"DATABASE_URL": "postgres://localhost/commons"}, "DATABASE_URL"),
    ({"PORT": "eighty"}, "PORT"),
    ({"PORT": "-1"}, "PORT"),
    ({"PORT": "70000"}, "PORT"),
    ({"PORT": "80.5"}, "PORT"),
    ({"PORT": "٣"}, "PORT"),
    ({"WEB_THREADS": "0"}, "WEB_THREADS"),
    ({"WEB_PROCESSES": "0"}, "WEB_PROCESSES"),
    ({"LOCALES": "en,zz"}, "LOCALES"),
    ({"LOCALES": "../../etc/passwd"}, "LOCALES"),
    ({"WEB_THREADS": "many"}, "WEB_THREADS"),
    ({"WEB_PROCESSES": "1e3"}, "WEB_PROCESSES"),
    ({"PROXY_HOPS": "yes"}, "PROXY_HOPS"),
    ({"WORKER": "process"}, "WORKER"),
    ({"ENCODERS": "word2vec"}, "ENCODERS"),
    ({"ENCODERS": "minilm, minilm"}, "ENCODERS"),
    ({"ENCODERS": ","}, "ENCODERS"),
    ({"ENCODERS": "[1]"}, "ENCODERS"),
    ({"ENCODERS": '[{"name": 5, "folder": "/models/e5"}]'}, "ENCODERS"),
    ({"ENCODERS": '[{"name": "e5", "folder": "/models/e5", "dimension": 384, "languages": "en"}]'}, "ENCODERS"),
    ({"ENCODERS": '["minilm"'}, "ENCODERS"),
    ({"ENCODERS": '[{"folder": "/models/e5"}]'}, "ENCODERS"),
    ({"ENCODERS": '[{"name": "e5", "folder": "/models/e5"}]'}, "ENCODERS"),
    ({"ENCODERS": '[{"name": "../e5", "folder": "/models/e5", "dimension": 384}]'}, "ENCODERS"),
    ({"ENCODERS": '[{"name": "e5", "folder": "/models/e5", "dimension": 384, "language": "en"}]'}, "ENCODERS"),
    ({"RATE_LIMITS": "maybe"}, "RATE_LIMITS"),
    ({"SQLITE_SYNCHRONOUS": "OFF"}, "SQLITE_SYNCHRONOUS"),
    ({"SMTP_URL": "mail.example"}, "SMTP_URL"),
    ({"SMTP_URL": "http://mail.example"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://"}, "SMTP_URL"),
    ({"SMTP_URL": "smtp://mail.example:port"}, "SMTP_URL"),
    ({"SMTP_URL": f"smtp://{SECRET.replace(' ', '')}@mail.example"}, "SMTP_URL"),
    ({"SMTP_URL": f"smtp://:{SECRET.replace(' ', '')}@mail.example"}, "SMTP_URL"),
    ({"SMTP_URL": f"smtp://ama:{SECRET.replace(' ', '')}@mail.example/inbox"}, "SMTP_URL"),
    ({"MAIL_FROM": "commons"}, "MAIL_FROM"),
    ({"MAIL_FROM": "a@commons.example, b@commons.example"}, "MAIL_FROM"),
    ({"MAIL_FROM": "Commons <commons@commons.example>\nBcc: ama@example.org"}, "MAIL_FROM"),
    ({"SECRET_KEY_FILE": "/nowhere/key"}, "SECRET_KEY_FILE"),
]


@pytest.mark.parametrize(("environ", "variable"), WRONG)
def test_a_wrong_value_is_one_line_that_names_its_variable(environ, variable):
    with pytest.raises(WrongSetting) as error:
        Settings.from_env(environ)
    message = str(error.value)
    assert message.startswith(variable)
    assert "\n" not in message
    assert SECRET not in message
    assert SECRET.replace(" ", "") not in message


def test_nothing_needs_to_be_set_in_development():
    settings = Settings.from_env({})
    assert settings == Settings()
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.database.get_backend_name() == "sqlite"
    assert not settings.is_secure


def test_each_setting_is_read_from_the_variable_of_its_name():
    environ = {
        **PRODUCTION,
        "DATABASE_URL": "postgresql://someone:secret@db/commons",
        "INSTANCE_DIR": "/srv/commons",
        "HOST": "0.0.0.0",
        "PORT": "80",
        "WEB_PROCESSES": "4",
        "WEB_THREADS": "8",
        "PROXY_HOPS": "1",
        "TRUSTED_HOSTS": "commons.example, www.commons.example",
        "WORKER": "off",
        "ENCODERS": "basic",
        "LOCALES": "en,fr,ar",
        "SMTP_URL": "smtp://ama%40commons:se%2Fcret@mail.example",
        "MAIL_FROM": "Commons <commons@commons.example>",
        "RATE_LIMITS": "off",
        "SQLITE_SYNCHRONOUS": "NORMAL",
    }
    settings = Settings.from_env(environ)
    assert (settings.port, settings.web_processes, settings.web_threads, settings.proxy_hops) == (80, 4, 8, 1)
    assert settings.trusted_hosts == ("commons.example", "www.commons.example")
    assert settings.locales == ("en", "fr", "ar")
    assert settings.database.drivername == "postgresql+psycopg"
    assert settings.instance_dir == Path("/srv/commons")
    assert settings.mail_server == MailServer("mail.example", 587, "ama@commons", "se/cret", is_encrypted=False)
    assert str(settings.mail_sender) == "Commons <commons@commons.example>"
    assert (settings.is_production, settings.is_secure, settings.rate_limits) == (True, True, False)


@pytest.mark.parametrize(
    ("text", "is_on"), [("on", True), ("TRUE", True), ("1", True), ("off", False), ("False", False), ("0", False)]
)
def test_yes_and_no_have_several_spellings(text, is_on):
    assert Settings.from_env({"RATE_LIMITS": text}).rate_limits is is_on


def test_an_empty_variable_counts_as_not_set():
    assert Settings.from_env({"PORT": "", "LOCALES": "", "RATE_LIMITS": ""}) == Settings()


def test_a_secret_may_lie_in_a_file(tmp_path):
    kept = tmp_path / "key"
    kept.write_text(f"{SECRET}\n")
    assert Settings.from_env({"SECRET_KEY_FILE": str(kept)}).secret() == SECRET


def test_in_development_a_key_is_made_once_and_kept_to_oneself(tmp_path):
    folder = tmp_path / "instance"
    first, second = Settings(instance_dir=folder).secret(), Settings(instance_dir=folder).secret()
    assert first == second
    assert len(first) >= 32
    assert (folder / "secret_key").stat().st_mode & 0o077 == 0


def test_a_development_site_sends_its_cookies_over_http(tmp_path):
    app = create_app(Settings(instance_dir=tmp_path, encoders="basic"))
    assert app.config["SESSION_COOKIE_SECURE"] is False
    assert app.config["SESSION_COOKIE_NAME"] == "commons"


def test_a_folder_that_cannot_be_written_to_is_one_line(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(WrongSetting, match=r"^INSTANCE_DIR .* cannot be written to"):
        create_app(Settings(instance_dir=tmp_path / "file" / "instance", secret_key=SECRET))


def test_the_table_names_every_setting():
    table = settings_table()
    for name in ("ENVIRONMENT", "DATABASE_URL", "SECRET_KEY", "PORT", "RATE_LIMITS", "LOCALES"):
        assert f"| `{name}` |" in table


@pytest.mark.parametrize(
    ("command", "environ", "line"),
    [
        (["check"], {"PORT": "eighty"}, "commons: PORT is 'eighty'; it must be a whole number from 0 to 65535"),
        (
            ["run"],
            {"ENVIRONMENT": "production"},
            "commons: SECRET_KEY is missing: production needs one of at least 32 characters",
        ),
        (
            ["people", "promote", "ama", "--moderator"],
            {"WORKER": "maybe"},
            "commons: WORKER is 'maybe'; it must be one of: thread, off",
        ),
    ],
)
def test_no_command_begins_with_a_wrong_setting_and_each_ends_with_one_line(tmp_path, command, environ, line):
    surroundings = {**os.environ, "INSTANCE_DIR": str(tmp_path), **environ}
    start = [sys.executable, "-c", "from app.cli import main; main()", *command]
    outcome = subprocess.run(start, cwd=ROOT, env=surroundings, capture_output=True, text=True, timeout=60, check=False)
    assert outcome.returncode == 1
    assert outcome.stderr.splitlines() == [line]
    assert outcome.stdout == ""


def test_encoders_are_named_or_described():
    described = (
        '["minilm", {"name": "e5", "folder": "/models/e5", "dimension": 384, "prefix": "query: ", "languages": ["en"]}]'
    )
    assert Settings.from_env({"ENCODERS": described}).encoder_specs == (
        EncoderSpec("minilm"),
        EncoderSpec("e5", "/models/e5", 384, "query: ", ("en",)),
    )
    assert Settings().encoder_specs == (EncoderSpec("minilm"), EncoderSpec("use-multilingual"))


def test_mails_come_from_the_public_address_unless_another_sender_is_named():
    settings = Settings.from_env({"BASE_URL": "https://commons.example"})
    assert str(settings.mail_sender) == "E-waste Challenge Commons <commons@commons.example>"
    assert settings.mail_server is None


def test_a_mail_server_may_be_encrypted_from_the_start():
    server = Settings.from_env({"SMTP_URL": "smtps://mail.example"}).mail_server
    assert (server.port, server.is_encrypted, server.is_on_this_machine) == (465, True, False)
    assert Settings.from_env({"SMTP_URL": "smtp://[::1]:2525"}).mail_server.is_on_this_machine


def test_a_password_is_not_shown_with_its_server():
    assert "secret" not in repr(Settings.from_env({"SMTP_URL": "smtp://ama:secret@mail.example"}).mail_server)
