"""That someone wants to work on an idea, and what its author said."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.ideas.models import Idea

LONGEST_LINE = 300
"""Characters in which someone says what they would bring."""

OPEN_STATES = ("asked", "joined")
"""Those that a person can end."""


class Joining(Model):
    """One person and one idea."""

    __table_args__ = (UniqueConstraint("idea_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    line: Mapped[str]
    """What the person would bring; the author alone reads it."""
    state: Mapped[str] = mapped_column(default="asked")
    """asked, joined, declined, removed or left; who takes a request back has left."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    idea: Mapped[Idea] = relationship()
    person: Mapped[User] = relationship()
