"""The numbers of each day."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UTCDateTime, now

ENOUGH_JUDGEMENTS, ENOUGH_PEOPLE = 20, 5
"""Fewer tell of the people and not of the matches; then there is no number."""
OTHERS = "others"
"""The part that languages and roles of few texts are counted in."""
LOOKED_AT = 120
"""Texts whose matches are looked at on a day: each takes some hundredths of a second."""


class Measured(Model):
    """One number as it was on a day: so many of so many, of a measure or of a part of it; or so many seconds, for so
    many of so many."""

    day: Mapped[date] = mapped_column(primary_key=True)
    measure: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[str] = mapped_column(primary_key=True)
    """A kind, language, role, strength or name of weights; empty for the whole."""
    count: Mapped[int]
    total: Mapped[int]
    people: Mapped[int] = mapped_column(default=0)
    """How many were asked or shown something; 0 where it is not about people."""
    measured_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    @property
    def share(self) -> float:
        return self.count / self.total if self.total else 0.0
