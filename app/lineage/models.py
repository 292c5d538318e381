"""That one idea is to be merged into another, or was."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Model, UTCDateTime, now
from app.ideas.models import Idea

LONGEST_LINE = 300
"""Characters in which someone says why two ideas are one, or are not."""
UNDONE_WITHIN = timedelta(days=30)


class Merge(Model):
    """What the author of an idea proposed to the author of another."""

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    target_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    line: Mapped[str]
    """Why; both authors read it."""
    reply: Mapped[str] = mapped_column(default="")
    """Why not."""
    state: Mapped[str] = mapped_column(default="proposed")
    """proposed; accepted or declined by the other author; withdrawn by the one who proposed; or undone by either."""
    proposed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    answered_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    idea: Mapped[Idea] = relationship(foreign_keys=idea_id)
    target: Mapped[Idea] = relationship(foreign_keys=target_id)

    @property
    def can_be_undone(self) -> bool:
        """As far as time goes."""
        return self.state == "accepted" and self.answered_at is not None and now() - self.answered_at < UNDONE_WITHIN
