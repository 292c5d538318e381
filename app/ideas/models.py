"""Ideas and the sections they are written in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l
from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.forum.models import CoAuthor, Post


@dataclass(frozen=True)
class Section:
    """One part of an idea's text, as the form asks for it."""

    key: str
    label: str
    help: str
    limit: int
    """Characters."""


SECTIONS = (
    Section(
        "problem",
        _l("The problem"),
        _l("What goes wrong, for whom, and how you know. One number with its source helps."),
        4000,
    ),
    Section("place", _l("Place and people"), _l("Where is it, and who lives, works or decides there?"), 3000),
    Section("approach", _l("What we would do"), _l("The first steps, as you would tell them to a neighbour."), 6000),
    Section("evidence", _l("Evidence"), _l("What has been tried or measured before? Link to it."), 4000),
    Section("impact", _l("Impact"), _l("What would be different after a year, and how would you know?"), 3000),
    Section(
        "costs", _l("Costs and who pays"), _l("A rough sum is enough. Who pays at the start, and who pays later?"), 3000
    ),
    Section("needs", _l("What we need"), _l("People, skills, tools, permits, a place."), 3000),
    Section("next_step", _l("Next step"), _l("The one thing to do next, with a date."), 1500),
)
PARTS = {"title": _l("Title"), **{section.key: section.label for section in SECTIONS}}
"""All that is written of an idea, by key, with what it is called."""
ARCHIVED = "archived"
STAGE_NAMES = {
    "published": _l("New"),
    "refining": _l("Refining"),
    "ready": _l("Ready"),
    "submitted": _l("Submitted"),
    ARCHIVED: _l("Archived"),
}
STAGES = tuple(stage for stage in STAGE_NAMES if stage != ARCHIVED)
"""Those of ideas that somebody works on, in their order."""
STAGE_WORDS = {"draft": _l("Draft"), **STAGE_NAMES, "featured": _l("Featured")}
"""What a badge may say: these two are not chosen."""

BUILDS_ON, DIFFERS, FORKED = "builds-on", "differs", "forked-from"
WAYS = (BUILDS_ON, DIFFERS)
"""What a form offers; that an idea began as a copy is never chosen later, and never taken back."""
MOST_SOURCES = 5
LONGEST_LINE = 200
"""Characters in which an idea says how it differs."""


@dataclass(frozen=True)
class Way:
    """How someone who writes an idea goes on from an older one."""

    source_id: int
    kind: str
    """One of WAYS; in a form also empty: they carry on with their own."""
    line: str = ""


class Idea(Post):
    """A project idea. Only the title and the problem are required."""

    __mapper_args__ = {"polymorphic_identity": "idea"}

    id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    stage: Mapped[str] = mapped_column(default="published", index=True)
    problem: Mapped[str] = mapped_column(default="")
    place: Mapped[str] = mapped_column(default="")
    approach: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(default="")
    impact: Mapped[str] = mapped_column(default="")
    costs: Mapped[str] = mapped_column(default="")
    needs: Mapped[str] = mapped_column(default="")
    next_step: Mapped[str] = mapped_column(default="")

    stays: Mapped[list[CoAuthor]] = relationship(order_by="CoAuthor.id", passive_deletes=True)

    @property
    def co_authors(self) -> list[User]:
        """Who writes it with its author now, the first to come first."""
        return [stay.person for stay in self.stays if stay.left_at is None]

    @property
    def authors(self) -> list[User]:
        """All who write it now, whoever published it first."""
        return [self.author, *self.co_authors]

    @property
    def author_ids(self) -> set[int]:
        return {self.author_id} | {stay.person_id for stay in self.stays if stay.left_at is None}

    @property
    def sections(self) -> dict[str, str]:
        """The written sections by key, in order."""
        return {section.key: text for section in SECTIONS if (text := getattr(self, section.key))}

    def write(self, sections: Mapping[str, str]) -> None:
        """Replace all sections; those not given become empty."""
        for section in SECTIONS:
            setattr(self, section.key, sections.get(section.key, ""))


class Lineage(Model):
    """That an idea builds on an older one, differs from it or began as its copy: the credit that it gives."""

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True, index=True)
    kind: Mapped[str]
    """One of WAYS, or FORKED."""
    line: Mapped[str] = mapped_column(default="")
    """How it differs; how it builds on the other may stay unsaid."""
    made_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class ListingStamp(Model):
    """One row, renewed with every change to which ideas are listed and how they are tagged.

    All processes read it with each list: what they counted before is used again while it stays. See `_kept_counts`.
    """

    id: Mapped[int] = mapped_column(primary_key=True)
    stamp: Mapped[str]
