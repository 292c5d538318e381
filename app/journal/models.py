"""Changes of state, each with who did it and whom it concerns."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now


class JournalEntry(Model):
    """One change of state. Rows are only ever added."""

    __table_args__ = (
        Index("ix_journal_entry_post", "post_id", "id"),
        Index("ix_journal_entry_person", "person_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    action: Mapped[str]
    """What happened, in the past tense: `question_closed`."""
    by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="SET NULL"), index=True)
    """Who did it; nobody, when time did."""
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    """Whom it concerns, beside whoever did it."""
    note: Mapped[str] = mapped_column(default="")
    """The reason that was given."""
    is_public: Mapped[bool] = mapped_column(default=False)
    """Whether everyone who may see the post may read of it."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    by: Mapped[User | None] = relationship(foreign_keys=by_id)
    person: Mapped[User | None] = relationship(foreign_keys=person_id)
