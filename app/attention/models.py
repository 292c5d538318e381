"""How much attention a new idea got, and who was asked to read it first."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.ideas.models import Idea

FAIR_SHARE = 40
"""Times that a new idea is shown to members before others come first; at most once a day to each."""
IS_NEW = timedelta(days=14)
"""So long lists care for its share."""
FEEDBACK_WITHIN = timedelta(hours=48)
"""The aim for the first words from someone else."""
ASKED_FOR = timedelta(days=7)
"""After that nobody waits for a reader any more."""


class Attention(Model):
    """One idea: how often it was shown in lists, and when somebody else first said something about it."""

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    shown: Mapped[int] = mapped_column(default=0)
    first_feedback_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class Reader(Model):
    """One person was asked to be among the first readers of an idea; once."""

    __table_args__ = (UniqueConstraint("idea_id", "person_id"), Index("ix_reader_person", "person_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    state: Mapped[str] = mapped_column(default="asked")
    """asked, read, passed, lapsed, or over where somebody else was first."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    idea: Mapped[Idea] = relationship()
    person: Mapped[User] = relationship()
