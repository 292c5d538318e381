"""Which mails wait, how many, and those written to files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import current_app
from sqlalchemy import ColumnElement, exists, func, select

from app.database import db, now
from app.mail.models import Mail, MailOutage
from app.refusals import NotThere

LATE = timedelta(hours=1)
MOST_SHOWN = 200
MOST_TRIED = 200
"""Mails, each minute."""
IS_WAITING = (Mail.sent_at.is_(None), Mail.failed_at.is_(None))


def due_mails() -> Sequence[int]:
    """Ids of the first of the mails to try now, those that were due first; none while no mail can leave."""
    if not current_app.config["COMMONS"].sends_mail:
        return []
    due = select(Mail.id).where(*IS_WAITING, Mail.next_attempt_at <= now(), ~is_server_away())
    return db.session.scalars(due.order_by(Mail.next_attempt_at, Mail.id).limit(MOST_TRIED)).all()


def is_server_away() -> ColumnElement[bool]:
    """Whether it took nobody's mail when it was asked, and it is too early to ask again."""
    return exists().where(MailOutage.until > now())


def outage() -> MailOutage | None:
    """As long as the server takes nobody's mail."""
    return db.session.scalar(select(MailOutage))


def mail_counts() -> dict[str, int]:
    """Without reading those that were sent, which are most."""
    is_late = Mail.created_at < now() - LATE
    counted = select(
        func.count().filter(*IS_WAITING), func.count().filter(*IS_WAITING, is_late), func.count(Mail.failed_at)
    ).where(Mail.sent_at.is_(None))
    waiting, overdue, failed = db.session.execute(counted).one()
    return {"waiting": waiting, "overdue": overdue, "failed": failed}


def failed_mails() -> Sequence[Mail]:
    return db.session.scalars(select(Mail).where(Mail.failed_at.is_not(None)).order_by(Mail.id)).all()


def mail_named(number: int) -> Mail:
    """As it is now."""
    return db.session.get_one(Mail, number, populate_existing=True)


def mails_to(address: str, *, purpose: str, since: datetime) -> int:
    counted = select(func.count(Mail.id)).where(
        Mail.to_address == address, Mail.purpose == purpose, Mail.created_at > since
    )
    return db.session.scalar(counted) or 0


@dataclass(frozen=True)
class WrittenMail:
    """A mail that was written to a file instead of being sent."""

    number: int
    message: EmailMessage

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def shown_headers(self) -> list[tuple[str, str]]:
        return [(name, str(value)) for name, value in self.message.items() if not name.startswith("Content-")]

    def _part(self, kind: str) -> str:
        part = self.message.get_body((kind,))
        return str(part.get_content()) if part else ""


def mail_folder() -> Path:
    return Path(current_app.config["COMMONS"].instance_dir) / "mails"


def written_mails() -> list[WrittenMail]:
    """The newest first."""
    newest = sorted(_numbers(), reverse=True)[:MOST_SHOWN]
    return [written_mail(number) for number in newest]


def written_mail(number: int) -> WrittenMail:
    """Raises NotThere."""
    try:
        content = (mail_folder() / f"{number}.eml").read_bytes()
    except OSError:
        raise NotThere("There is no mail of this number.") from None
    message = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
    return WrittenMail(number, message)


def _numbers() -> Iterator[int]:
    return (int(file.stem) for file in mail_folder().glob("*.eml") if file.stem.isascii() and file.stem.isdecimal())
