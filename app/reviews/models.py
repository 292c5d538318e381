"""What reviewers look at, and what each said of an idea."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.ideas.models import Idea

LONGEST_REMARK = 1500
"""Characters."""


@dataclass(frozen=True)
class Criterion:
    """One thing that a reviewer looks at."""

    key: str
    label: str
    question: str


CRITERIA = (
    Criterion("problem", _l("The problem"), _l("Is it clear what goes wrong, for whom, and how one knows?")),
    Criterion("approach", _l("What would be done"), _l("Could it change the problem, and do its steps follow?")),
    Criterion("evidence", _l("Evidence"), _l("Do sources or trials show that it can work?")),
    Criterion("safety", _l("Safe and fair"), _l("Is nobody harmed: workers, neighbours, water, air?")),
    Criterion("feasibility", _l("Can be done"), _l("Do costs, needs and the next step add up?")),
)
LEVELS = {1: _l("Not yet"), 2: _l("Partly"), 3: _l("Well"), 4: _l("Very well")}


class Review(Model):
    """One person on one idea; a later review of theirs takes the place of the earlier."""

    __table_args__ = (UniqueConstraint("idea_id", "reviewer_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    reviewer_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    revision: Mapped[int]
    """Of the idea, as the reviewer read it."""
    marks: Mapped[dict[str, int]] = mapped_column(JSON)
    """Keys of LEVELS by keys of CRITERIA; what the reviewer cannot say is left out."""
    strength: Mapped[str]
    """What is strongest."""
    change: Mapped[str]
    """What to change next."""
    given_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    idea: Mapped[Idea] = relationship()
    reviewer: Mapped[User] = relationship()
