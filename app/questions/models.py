"""Questions and answers."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.forum.models import Post

WANTED = {
    "": _l("Not said"),
    "source": _l("A rule or number with its source"),
    "experience": _l("Someone who has done it"),
    "advice": _l("What you would do"),
    "contact": _l("Whom to ask"),
}
"""What kind of answer helps."""
PARTS = {
    "title": _l("Title"),
    "body": _l("The question"),
    "tried": _l("What was tried or read"),
    "place": _l("Where"),
}
"""All that is written in a question, by key, with what it is called."""
PARTS_OF_ANSWERS = {"body": _l("The answer"), "sources": _l("Sources")}


class Question(Post):
    """Something that a learner wants to know. Its roles are those who might answer."""

    __mapper_args__ = {"polymorphic_identity": "question"}

    id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    body: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    """Where it happens, in one line."""
    tried: Mapped[str] = mapped_column(default="")
    """What was tried or read so far."""
    wanted: Mapped[str] = mapped_column(default="")
    """What kind of answer helps: source, experience, advice, contact, or empty when not said."""
    needed_by: Mapped[date | None]
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="SET NULL"), index=True)
    """What it is about; at most one of the three."""
    nugget_id: Mapped[int | None] = mapped_column(ForeignKey("nugget.id", ondelete="SET NULL"), index=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resource.id", ondelete="SET NULL"), index=True)
    answer_count: Mapped[int] = mapped_column(default=0, index=True)
    accepted_answer_id: Mapped[int | None]
    """No foreign key: answers refer to questions already, and tables cannot be created in a circle."""
    too_count: Mapped[int] = mapped_column(default=0)
    """How many others have this question."""
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    closing: Mapped[str] = mapped_column(default="")
    """Why it is closed: elsewhere, solved or outdated."""
    closing_note: Mapped[str] = mapped_column(default="")
    elsewhere: Mapped[str] = mapped_column(default="")
    """Where it is answered: the path of a question of this site, or an address on the web."""
    from_comment_id: Mapped[int | None] = mapped_column(
        ForeignKey("comment.id", ondelete="SET NULL", use_alter=True), index=True, unique=True
    )
    """The comment that it was asked as first."""
    became_comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="SET NULL", use_alter=True))
    """The comment that stands in its place."""

    closed_by: Mapped[User | None] = relationship(foreign_keys=closed_by_id)


class QuestionToo(Model):
    """Someone else has the same question; once each."""

    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Answer(Model):
    """What someone answered."""

    __table_args__ = (Index("ix_answer_question", "question_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    question_id: Mapped[int] = mapped_column(ForeignKey("question.id", ondelete="CASCADE"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    body: Mapped[str]
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    """Web addresses, or lines that name a book or say how the author knows."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revision: Mapped[int] = mapped_column(default=1)
    """Number of the newest revision; an edit says which one it saw."""
    support_count: Mapped[int] = mapped_column(default=0)
    """How many people it helped."""
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    author: Mapped[User] = relationship()
    question: Mapped[Question] = relationship()


class AnswerRevision(Model):
    """How an answer read after one save."""

    __table_args__ = (UniqueConstraint("answer_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    reason: Mapped[str] = mapped_column(default="")
    body: Mapped[str]
    sources: Mapped[list[str]] = mapped_column(JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    author: Mapped[User] = relationship()

    @property
    def texts(self) -> dict[str, str]:
        """All that it says, by part."""
        return {"body": self.body, "sources": "\n".join(self.sources)}


class AnswerSupport(Model):
    """An answer helped a person; said once each."""

    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
