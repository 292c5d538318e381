"""Judgements of matches, and who was shown which."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UTCDateTime, now
from app.search.queries import Key

PLACE = ("person_id", "subject_kind", "subject_id", "match_kind", "match_id")


class Placed:
    """A match beside a text, as one person sees it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    subject_kind: Mapped[str]
    """Of the text beside which the match stood; `draft` for one being written, `person` for one's own desk."""
    subject_id: Mapped[int]
    match_kind: Mapped[str]
    match_id: Mapped[int]
    rank: Mapped[int]
    """In its list, from 1."""
    weights: Mapped[str]
    """The name of the weights that put it there."""

    @property
    def subject(self) -> Key:
        return self.subject_kind, self.subject_id

    @property
    def match(self) -> Key:
        return self.match_kind, self.match_id


class Judgement(Placed, Model):
    """What one person said of one match beside one text; the last word counts."""

    __table_args__ = (
        UniqueConstraint(*PLACE, name="uq_judgement_place"),
        Index("ix_judgement_match", "match_kind", "match_id"),
    )

    verdict: Mapped[str]
    language: Mapped[str]
    """Of the match."""
    judged_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Impression(Placed, Model):
    """A match that a member was shown, once a day; guests are not logged."""

    __table_args__ = (
        UniqueConstraint(*PLACE, "shown_on", name="uq_impression_place"),
        Index("ix_impression_shown_on", "shown_on"),
    )

    shown_on: Mapped[date]
    strength: Mapped[str]
    """Empty where the match stood for another reason than what the texts share."""
    opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
