"""Groups and who belongs to them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, UTCDateTime, now

CHALLENGE_GROUP = "challenge"


class Group(Model):
    """Where posts live. What a private group holds is seen by its members alone."""

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    is_private: Mapped[bool] = mapped_column(default=False)


class Membership(Model):
    """A person belongs to a group."""

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id", ondelete="CASCADE"), primary_key=True, index=True)
    is_tutor: Mapped[bool] = mapped_column(default=False)
    """Looks after the members: may confirm what they know, and is asked when nobody answers."""
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
