"""That a reader suggests another wording for one part of an idea."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.diffs import Budget, merged
from app.ideas.models import SECTIONS, Idea

LIMITS = {"title": 255, **{section.key: section.limit for section in SECTIONS}}
"""Characters of each part."""
NEEDED = ("title", "problem")
"""Parts without which there is no idea; any other can be suggested to go."""
LONGEST_REASON = 200
LONGEST_REPLY = 300
MOST_OPEN = 5
"""That one person may have waiting on one idea."""
OWN_WAY = ("open", "rejected", "set_aside", "withdrawn")
"""States out of which a suggestion can become an idea of its own."""


class Suggestion(Model):
    """One other wording. What it is for is named like the idea's attribute."""

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    proposer_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    part: Mapped[str]
    """A key of ideas.models.PARTS."""
    base: Mapped[str]
    """How the part read when the proposer saw it."""
    text: Mapped[str]
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    """open; accepted or rejected by an author; set_aside, when the idea became part of another; withdrawn by the
    proposer, or became_idea."""
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    decider_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    reply: Mapped[str] = mapped_column(default="")
    """Why it was rejected."""
    revision: Mapped[int | None]
    """Number of the one that took it over."""
    became_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="SET NULL"))

    idea: Mapped[Idea] = relationship(foreign_keys=idea_id)
    proposer: Mapped[User] = relationship(foreign_keys=proposer_id)


def taken_into(present: str, *, part: str, base: str, text: str, budget: Budget | None = None) -> str | None:
    """How the part reads with the suggestion in it; None where that takes a hand, as it was changed there meanwhile."""
    together = merged(base, theirs=present, yours=text, budget=budget)
    return together if together is not None and len(together) <= LIMITS[part] else None
