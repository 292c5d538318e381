"""That a comment asks for a change of an idea, and what became of it."""

from __future__ import annotations

from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.forum.models import Comment
from app.ideas.models import SECTIONS, Idea

KINDS = {
    "evidence": _l("Evidence"),
    "clarity": _l("Clarity"),
    "cost": _l("Cost"),
    "safety": _l("Safety"),
    "question": _l("Question"),
}
SECTION_NAMES = {section.key: section.label for section in SECTIONS}
SECTION_OF_KIND = {"evidence": "evidence", "cost": "costs"}
"""Where a request on the whole idea is likely answered."""
LONGEST_REPLY = 300
"""Characters in which someone says how it was answered, or why not."""


class ChangeRequest(Model):
    """One comment that asks. It goes from all pages and counts when its comment does."""

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    section: Mapped[str | None]
    """A key of SECTIONS; None stands for the whole idea."""
    kind: Mapped[str]
    """One of KINDS."""
    state: Mapped[str] = mapped_column(default="open")
    """open; answered or declined by whoever may revise the idea; or withdrawn by whoever asked, or as the idea
    became part of another."""
    revision: Mapped[int | None]
    """The number of the one that answered it."""
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"), index=True)
    reply: Mapped[str] = mapped_column(default="")
    """How it was answered, or why it was declined."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    comment: Mapped[Comment] = relationship()
    idea: Mapped[Idea] = relationship()
    decided_by: Mapped[User | None] = relationship()

    def open_again(self) -> None:
        """Nothing is kept here of what was decided before; the journal has it."""
        self.state, self.revision, self.decided_by_id, self.reply, self.decided_at = "open", None, None, "", None

    def decide(self, state: str, *, by: User, reply: str, revision: int | None = None) -> None:
        self.state, self.revision, self.decided_by_id, self.reply = state, revision, by.id, reply
        self.decided_at = now()
