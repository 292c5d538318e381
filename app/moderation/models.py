"""The moderation log, and what it is about."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.forum.models import Comment, Post
from app.questions.models import Answer

Subject = Post | Comment | Answer


class ModerationAction(Model):
    """What a moderator did, to what and why. Rows are only ever added; the database itself refuses changes."""

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    """feature, unfeature, hide or restore; delete, of a review or a suggestion."""
    subject_kind: Mapped[str]
    subject_id: Mapped[int]
    """Of what was deleted nothing is left: that of the idea which it was about."""
    subject_title: Mapped[str]
    group_id: Mapped[int | None] = mapped_column(ForeignKey("group.id"))
    reason: Mapped[str]
    moderator_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    moderator: Mapped[User] = relationship()


def kind_of(subject: Subject) -> str:
    """idea, question, comment or answer."""
    return subject.kind if isinstance(subject, Post) else type(subject).__name__.lower()


def post_of(subject: Subject) -> Post:
    """The post that the subject is, or stands on."""
    if isinstance(subject, Answer):
        return subject.question
    return subject.post if isinstance(subject, Comment) else subject
