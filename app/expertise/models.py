"""What people know: what they say of it themselves, who confirmed it, which of their answers were endorsed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Double, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.questions.models import Answer
from app.taxonomy.models import Topic

LONGEST_NOTE = 300
"""Characters of a note or a reason."""

LEVELS = {"some": 0.3, "well": 0.65, "very well": 0.9}
"""How well someone knows a field, by their own word, and what that weighs."""

PASSED = 0.5
"""What is left of a field after a question of it was sent back, each time, down to the least."""
LEAST_FACTOR = 0.05


class PersonField(Model):
    """A field of a person as others may know of it: computed from its evidence, and kept for lists.

    See commands.refresh_fields. Fields that the person hides or says are not theirs have no row.
    """

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topic.id"), primary_key=True, index=True)
    weight: Mapped[float] = mapped_column(Double)
    is_verified: Mapped[bool] = mapped_column(default=False)


class FieldChoice(Model):
    """What a person says of one of their fields."""

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topic.id"), primary_key=True, index=True)
    choice: Mapped[str] = mapped_column(default="shown")
    """shown, hidden or deleted; whatever evidence comes."""
    level: Mapped[str | None]
    """One of LEVELS, as long as the evidence says less."""
    times_lowered: Mapped[int] = mapped_column(default=0)
    """How often they sent back a question of this field as not theirs."""


class FieldExclusion(Model):
    """A piece of evidence that a person put aside."""

    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    topic_id: Mapped[str] = mapped_column(ForeignKey("topic.id"), primary_key=True, index=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    """The id of the answer or idea."""


class Verification(Model):
    """Someone confirms, in public and with a note, that a person knows a field."""

    __table_args__ = (Index("ix_verification_person", "person_id", "topic_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    topic_id: Mapped[str] = mapped_column(ForeignKey("topic.id"), index=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    note: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)

    person: Mapped[User] = relationship(foreign_keys=person_id)
    topic: Mapped[Topic] = relationship()


class Endorsement(Model):
    """Someone who knows the field, or looks after the group, stands for an answer; once each."""

    __table_args__ = (UniqueConstraint("answer_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    revision: Mapped[int]
    """Of the answer, that they stand for."""
    reason: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    answer: Mapped[Answer] = relationship()
