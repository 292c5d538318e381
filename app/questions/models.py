"""Questions and answers."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.forum.models import Post


class Question(Post):
    """Something that a learner wants to know. Its roles are those who might answer."""

    __mapper_args__ = {"polymorphic_identity": "question"}

    id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(default="")
    answer_count: Mapped[int] = mapped_column(default=0, index=True)
    accepted_answer_id: Mapped[int | None]
    """No foreign key: answers refer to questions already, and tables cannot be created in a circle."""


class Answer(Model):
    """What someone answered."""

    __table_args__ = (Index("ix_answer_question", "question_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    author: Mapped[User] = relationship()
    question: Mapped[Question] = relationship()
