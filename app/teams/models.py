"""That someone works on an idea with its author, wants to or was invited; and which roles its text calls for."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.ideas.models import Idea
from app.taxonomy.models import Role

LONGEST_LINE = 300
"""Characters in which someone says what they would bring, why they invite, or why they say no."""

OPEN_STATES = ("asked", "invited", "joined")
"""Those that a person can end."""


class Joining(Model):
    """One person and one idea. The lines are emptied when somebody else comes to lead the idea."""

    __table_args__ = (UniqueConstraint("idea_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    role_id: Mapped[str | None] = mapped_column(ForeignKey("role.id"))
    """What the person brings, or would; None stands for all the roles of their profile."""
    line: Mapped[str]
    """What the person would bring; the author alone reads it."""
    invitation: Mapped[str] = mapped_column(default="")
    """Why the author invites the person, who alone reads it."""
    reply: Mapped[str] = mapped_column(default="")
    """Why the person does not come; the author alone reads it."""
    state: Mapped[str] = mapped_column(default="asked")
    """asked or invited; joined, or leads, since the author handed the idea on to them; declined or removed by the
    author; refused or left by the person; or withdrawn, by the author, who takes an invitation back, or as the
    idea became part of another before an answer. Who takes a request back has left."""
    is_invited: Mapped[bool] = mapped_column(default=False)
    """Whether the author began it, by inviting the person."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    """When the person asked or was invited."""
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When that was answered or, later, ended."""
    lead_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When the author asked the person, who joined, to lead the idea; None once that is answered or taken back."""

    idea: Mapped[Idea] = relationship()
    person: Mapped[User] = relationship()
    role: Mapped[Role | None] = relationship()


class CalledRole(Model):
    """A role that an idea's section on what it needs calls for, and by which sentence."""

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[str] = mapped_column(ForeignKey("role.id"), primary_key=True, index=True)
    sentence: Mapped[str]


class NeedsReading(Model):
    """That the needs of an idea were read, as its text was embedded then; another digest has them read anew."""

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str]
