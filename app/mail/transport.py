"""Hand a mail over: to the mail server or, in development without one, to a file."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import partial
from pathlib import Path
from typing import Any

from app.settings import MailServer, Settings

SECONDS = 15
CLOSES = 421
NOT_OF_THIS_MAIL = (530, 534, 535, 538)
"""Codes that say of the server that it does not know us."""

TOO_LARGE = 552


class MailPolicy(EmailPolicy):
    """Lines as servers want them. An address in a `List-` header, which may be long, stays in one piece: folded, Python
    would write it as an encoded word, which no mail program takes for an address."""

    def fold_binary(self, name: str, value: Any) -> bytes:
        if name.startswith("List-") and value.isascii():
            return f"{name}: {value}{self.linesep}".encode()
        return super().fold_binary(name, value)


POLICY = MailPolicy(linesep="\r\n")


class NotTaken(Exception):
    """The server does not take this mail now; it may later."""


class ServerAway(NotTaken):
    """Nobody's mail is taken now."""


class HungUp(ServerAway):
    """The server broke off over this mail: it may be away for all, or for this one alone."""


class Refused(Exception):
    """The server will never take this mail."""


def hand_over(message: EmailMessage, *, server: MailServer, settings: Settings) -> None:
    """Returns once the server has taken it. Raises NotTaken, ServerAway or Refused, with what the server said."""
    try:
        connection = _connection(server, settings)
    except smtplib.SMTPResponseException as error:
        raise ServerAway(_said(error.smtp_code, error.smtp_error)) from None
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise ServerAway(f"{server.host}: {error}") from None
    try:
        _offer(connection, message)
    finally:
        with suppress(smtplib.SMTPException, OSError):  # taken is taken, however the server says goodbye
            connection.quit()


def write_file(message: EmailMessage, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(message.as_bytes())


def _connection(server: MailServer, settings: Settings) -> smtplib.SMTP:
    """Encrypted wherever it must be, and signed in."""
    connect: Callable[..., smtplib.SMTP] = smtplib.SMTP
    if server.is_encrypted:
        connect = partial(smtplib.SMTP_SSL, context=_context(server))
    connection = connect(server.host, server.port, settings.public_host, timeout=SECONDS)
    try:
        _encrypt(connection, server, settings)
        if server.name:
            connection.login(server.name, server.password)
    except BaseException:
        connection.close()
        raise
    return connection


def _encrypt(connection: smtplib.SMTP, server: MailServer, settings: Settings) -> None:
    """As soon as the server offers it. A password goes to no other machine in the clear, and in production nothing."""
    connection.ehlo_or_helo_if_needed()
    if server.is_encrypted:
        return
    if connection.has_extn("starttls"):
        connection.starttls(context=_context(server))
        connection.ehlo()
    elif not server.is_on_this_machine and (settings.is_production or server.password):
        raise smtplib.SMTPException("no encryption (STARTTLS) is offered")


def _context(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context()
    if server.is_on_this_machine:  # its certificate cannot name it
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _offer(connection: smtplib.SMTP, message: EmailMessage) -> None:
    try:
        connection.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        ((code, answer),) = error.recipients.values()
        raise _refusal(code, answer) from None
    except smtplib.SMTPSenderRefused as error:  # we are its sender, of every mail
        is_of_all = error.smtp_code >= 500 and error.smtp_code != TOO_LARGE
        if is_of_all:
            raise ServerAway(_said(error.smtp_code, error.smtp_error)) from None
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except smtplib.SMTPResponseException as error:
        raise _refusal(error.smtp_code, error.smtp_error) from None
    except (smtplib.SMTPException, OSError) as error:
        raise HungUp(str(error)) from None


def _refusal(code: int, answer: bytes | str) -> Exception:
    if code == CLOSES:
        return HungUp(_said(code, answer))
    if code in NOT_OF_THIS_MAIL:
        return ServerAway(_said(code, answer))
    return (Refused if code >= 500 else NotTaken)(_said(code, answer))


def _said(code: int, answer: bytes | str) -> str:
    text = answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
    return f"{code} {text}"
