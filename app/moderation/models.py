"""The moderation log."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now


class ModerationAction(Model):
    """What a moderator did, to what and why. Rows are only ever added; the database itself refuses changes."""

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    """feature, unfeature, hide or restore."""
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    subject_title: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    reason: Mapped[str]
    moderator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    moderator: Mapped[User] = relationship()
