"""Write mails down, hand them over, put them off, forget them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Any

import structlog
from email_validator import EmailNotValidError, validate_email
from flask import current_app
from flask_babel import get_locale
from sqlalchemy import delete, or_, select, update

from app.database import db, insert_into, now, transaction
from app.jobs.commands import enqueue
from app.mail.models import Mail, MailOutage
from app.mail.queries import IS_WAITING, is_server_away, mail_folder
from app.mail.transport import POLICY, HungUp, NotTaken, Refused, ServerAway, hand_over, write_file
from app.settings import Settings

DELIVER, DELIVER_DUE = "mail.deliver", "mail.deliver_due"
ATTEMPTS = 24
"""About three days: 1, 2, 4, ... minutes after each other, and then every four hours."""
LONGEST_PAUSE = timedelta(hours=4)
SHORTEST_OUTAGE, LONGEST_OUTAGE = timedelta(minutes=1), timedelta(minutes=15)
"""Between two times that a server that is away is asked."""
HOLD = timedelta(minutes=5)
"""So long nobody else tries a mail that is being handed over."""
SENT_KEPT, FAILED_KEPT = timedelta(days=30), timedelta(days=90)
_is_wanted: dict[str, Callable[[int], bool]] = {}
log = structlog.get_logger()


class UnmailableAddress(ValueError):
    """No header can hold this address."""


@dataclass(frozen=True)
class Letter:
    """What a mail says; without HTML, in text alone."""

    subject: str
    text: str
    html: str = ""


def queue_mail(said: Letter, *, to: str, purpose: str, headers: Mapping[str, str] | None = None) -> Mail:
    """Written in the present transaction and handed over by a job. Raises ValueError for what no header may hold,
    UnmailableAddress where that is the address."""
    with transaction(is_shown=False):
        mail = Mail(
            purpose=purpose,
            to_address=to,
            subject=" ".join(said.subject.split()),
            headers=dict(headers or {}),
            text=said.text,
            html=said.html,
        )
        db.session.add(mail)
        db.session.flush()
        message_of(mail, settings=_settings())
        enqueue(DELIVER, {"mail_id": mail.id})
    return mail


def letter(template: str, *, subject: str, **context: Any) -> Letter:
    """Both parts, from `template`.txt and `template`.html; outside a request too, so that `site` begins every link."""
    settings, locale = _settings(), get_locale()
    context |= {
        "subject": subject,
        "site": settings.public_url,
        "locale": str(locale).replace("_", "-"),
        "text_direction": locale.text_direction if locale else "ltr",
    }
    templates = {part: current_app.jinja_env.get_template(f"{template}.{part}") for part in ("txt", "html")}
    return Letter(subject, templates["txt"].render(context).strip() + "\n", templates["html"].render(context))


def wanted_if(purpose: str) -> Callable[[Callable[[int], bool]], Callable[[int], bool]]:
    """Decorator: before each attempt, ask whether a mail of this purpose, by its id, is still to be sent. If not, it is
    taken away: what it tells may have been hidden, or read elsewhere, while it waited."""

    def declare(is_wanted: Callable[[int], bool]) -> Callable[[int], bool]:
        _is_wanted[purpose] = is_wanted
        return is_wanted

    return declare


def deliver_mail(mail_id: int) -> None:
    """Hand a mail over if it is due. A server that takes nothing is not asked for each, but for one from time to time;
    the others wait as they are."""
    mail = _take(mail_id) if _settings().sends_mail else None
    if mail is None:
        return
    if not _is_wanted.get(mail.purpose, _always)(mail.id):
        with transaction(is_shown=False):
            db.session.execute(delete(Mail).where(Mail.id == mail.id))
    elif not _may_ask():
        _keep(mail, next_attempt_at=now())
    else:
        _try(mail)


def _try(mail: Mail) -> None:
    try:
        _send(mail, settings=_settings())
    except ServerAway as reason:
        _wait_for_server(mail, reason=str(reason)[:1000], is_of_mail=isinstance(reason, HungUp))
        log.warning("mail put off", mail=mail.id, error=str(reason))
        return
    except Refused as refusal:
        _keep(mail, error=str(refusal), failed_at=now())
        log.warning("mail refused", mail=mail.id, error=str(refusal))
    except NotTaken as reason:
        _put_off(mail, error=str(reason)[:1000])
        log.warning("mail put off", mail=mail.id, error=str(reason))
    else:
        _keep(mail, error="", sent_at=now())
    _end_outage()


def message_of(mail: Mail, *, settings: Settings) -> EmailMessage:
    """The same each time, so that a mail that arrives twice is known by its Message-ID."""
    message = EmailMessage(POLICY)
    message["From"] = settings.mail_sender
    try:
        message["To"] = Address(addr_spec=_in_ascii(mail.to_address))
    except ValueError as error:
        raise UnmailableAddress(str(error)) from error
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(mail.created_at)
    message["Message-ID"] = f"<mail-{mail.id}-{int(mail.created_at.timestamp())}@{settings.public_host}>"
    message["Auto-Submitted"] = "auto-generated"
    for name, value in mail.headers.items():
        message[name] = value
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    return message


def retry_failed() -> int:
    """Try again what was given up, unless its text is forgotten. Returns how many mails."""
    with transaction(is_shown=False):
        again = update(Mail).where(Mail.failed_at.is_not(None), Mail.text != "")
        tried = db.session.execute(again.values(failed_at=None, attempts=0, next_attempt_at=now()))
    return int(tried.rowcount)  # type: ignore[attr-defined]


def forget_mails() -> None:
    """What was sent weeks ago goes. What was given up loses its text then, and goes later. (A notice that is as old as
    that is mailed no more, whether or not its mail is still there.)"""
    moment = now()
    with transaction(is_shown=False):
        is_done = or_(Mail.sent_at < moment - SENT_KEPT, Mail.failed_at < moment - FAILED_KEPT)
        db.session.execute(delete(Mail).where(is_done))
        is_old = Mail.failed_at < moment - SENT_KEPT, Mail.text != ""
        db.session.execute(update(Mail).where(*is_old).values(subject="", text="", html="", headers={}))


def _always(_mail_id: int) -> bool:
    return True


def _take(mail_id: int) -> Mail | None:
    """The mail, if it is due and nobody else hands it over now."""
    with transaction(is_shown=False):
        is_due = Mail.id == mail_id, *IS_WAITING, Mail.next_attempt_at <= now(), ~is_server_away()
        taken = update(Mail).where(*is_due).values(next_attempt_at=now() + HOLD).returning(Mail)
        mail = db.session.scalar(taken)
        if mail is not None:
            db.session.expunge(mail)
    return mail


def _send(mail: Mail, *, settings: Settings) -> None:
    message, server = message_of(mail, settings=settings), settings.mail_server
    if server is None:
        write_file(message, mail_folder() / f"{mail.id}.eml")
    else:
        hand_over(message, server=server, settings=settings)


def _may_ask() -> bool:
    """Whether the server is there or, if it is away, it is time to ask it again and nobody else does."""
    with transaction(is_shown=False):
        asking = update(MailOutage).where(MailOutage.until <= now()).values(until=now() + HOLD)
        is_first = db.session.execute(asking).rowcount == 1  # type: ignore[attr-defined]
        return is_first or db.session.scalar(select(MailOutage.id)) is None


def _wait_for_server(mail: Mail, *, reason: str, is_of_mail: bool) -> None:
    """As long as it has been away, within limits. It is no fault of the mail, which waits behind the others. But where
    the server took mails until it broke off over this one, which may do so each time, that is one of its attempts."""
    moment = now()
    with transaction(is_shown=False):
        first = {"id": 1, "since": moment, "until": moment, "reason": reason}
        begun = insert_into(MailOutage).values(first).on_conflict_do_nothing(index_elements=["id"])
        is_first = db.session.execute(begun.returning(MailOutage.id)).first() is not None
        outage = db.session.get_one(MailOutage, 1, populate_existing=True)
        pause = min(max(moment - outage.since, SHORTEST_OUTAGE), LONGEST_OUTAGE)
        outage.until, outage.reason = moment + pause, reason
        if is_first and is_of_mail:
            _put_off(mail, error=reason)
        else:
            _keep(mail, error=reason, next_attempt_at=moment + pause)


def _end_outage() -> None:
    """What waited for the server leaves now."""
    with transaction(is_shown=False):
        if db.session.execute(delete(MailOutage)).rowcount:  # type: ignore[attr-defined]
            enqueue(DELIVER_DUE, {})


def _keep(mail: Mail, **facts: object) -> None:
    with transaction(is_shown=False):
        db.session.execute(update(Mail).where(Mail.id == mail.id).values(**facts))


def _put_off(mail: Mail, *, error: str) -> None:
    pause = min(timedelta(minutes=2**mail.attempts), LONGEST_PAUSE)
    attempts = mail.attempts + 1
    failed_at = now() if attempts >= ATTEMPTS else None
    _keep(mail, attempts=attempts, next_attempt_at=now() + pause, error=error, failed_at=failed_at)


def _in_ascii(address: str) -> str:
    """With its domain as servers write it."""
    try:
        parts = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return address
    return f"{parts.local_part}@{parts.ascii_domain}"


def _settings() -> Settings:
    settings: Settings = current_app.config["COMMONS"]
    return settings
