"""Who was asked to answer a question, who is on it, and who said that it is not their field."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.questions.models import Question

CLAIMED_FOR = timedelta(hours=24)
ASKED_FOR = timedelta(days=7)
"""After that nobody waits for the person any more."""
LONGEST_LINE = 300
"""Characters in which someone says why they ask just this person."""


class Ask(Model):
    """One person was asked about one question; once."""

    __table_args__ = (UniqueConstraint("question_id", "person_id"), Index("ix_ask_person", "person_id", "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    """Whoever asks the question, or hands it on; none where the Commons found the person."""
    line: Mapped[str] = mapped_column(default="")
    """What they add for the person."""
    state: Mapped[str] = mapped_column(default="asked")
    """asked, answered, passed, handed-on, withdrawn, lapsed, or over where the question needs nobody any more."""
    asked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    question: Mapped[Question] = relationship()
    person: Mapped[User] = relationship(foreign_keys=person_id)
    by: Mapped[User | None] = relationship(foreign_keys=by_id)


class Claim(Model):
    """One person is on a question until a moment: nobody else need be."""

    __table_args__ = (Index("ix_claim_question", "question_id", "until"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    claimed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    until: Mapped[datetime] = mapped_column(UTCDateTime)
    ending: Mapped[str | None]
    """answered, released, passed, handed-on, lapsed or over; none while it lasts."""

    question: Mapped[Question] = relationship()
    person: Mapped[User] = relationship()


class Pass(Model):
    """A question is not this person's field."""

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    passed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Escalation(Model):
    """How far a question has come without an answer."""

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[int]
    """0: the best fits are asked; then wider ones; last, moderators and the tutors of its group."""
    reached_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    begun_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    """When people were first looked for; the stages count from then."""
    looked_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
