"""Mails that wait, were sent or were refused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UTCDateTime, now


class Mail(Model):
    """One mail to one address. It goes some weeks after it was sent."""

    __table_args__ = (Index("ix_mail_due", "sent_at", "failed_at", "next_attempt_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    purpose: Mapped[str]
    """What it is about, in one word: for counting and limits."""
    to_address: Mapped[str] = mapped_column(index=True)
    subject: Mapped[str]
    headers: Mapped[dict[str, str]] = mapped_column(JSON)
    """Beside those that every mail has."""
    text: Mapped[str]
    html: Mapped[str]
    """Empty for a mail of text alone."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    next_attempt_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    attempts: Mapped[int] = mapped_column(default=0)
    """That failed."""
    error: Mapped[str] = mapped_column(default="")
    """Why the last attempt failed."""
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    failed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When it was given up."""


class MailOutage(Model):
    """The server takes nobody's mail. One row, or none while it does."""

    id: Mapped[int] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(UTCDateTime)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    """Before this it is not asked again."""
    reason: Mapped[str]
    """What it, or the network, said last."""
