"""That someone follows a topic or a person, mutes one of these or a post, or keeps a search."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.database import Model, UTCDateTime, now
from app.forum.models import Post
from app.taxonomy.models import Topic

Followed = Topic | User
"""What can be followed here; a post is followed in the forum."""
Mutable = Post | Topic | User

LONGEST_NAME = 80
LONGEST_SEARCH = 200
LONGEST_FILTER = 100
"""Characters of a search's name, of what it asks, and of each of its filters."""
MOST_SEARCHES = 30
"""That a person may keep."""


class Following(Model):
    """A person wants to hear what is new with a topic or by someone: one of the two."""

    __table_args__ = (UniqueConstraint("person_id", "topic_id"), UniqueConstraint("person_id", "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Mute(Model):
    """A person wants to hear nothing of a post, of new posts on a topic, or of what someone does: one of the three.

    It goes before whatever else they follow; the same they do not follow any more.
    """

    __table_args__ = (
        UniqueConstraint("person_id", "post_id"),
        UniqueConstraint("person_id", "topic_id"),
        UniqueConstraint("person_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), index=True)
    topic_id: Mapped[str | None] = mapped_column(ForeignKey("topic.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class SavedSearch(Model):
    """A search that a person keeps under a name; an empty filter means anything."""

    __table_args__ = (UniqueConstraint("person_id", "asked", "kind", "topic", "role", "language"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"))
    name: Mapped[str]
    asked: Mapped[str]
    kind: Mapped[str] = mapped_column(default="")
    topic: Mapped[str] = mapped_column(default="")
    role: Mapped[str] = mapped_column(default="")
    language: Mapped[str] = mapped_column(default="")
    words: Mapped[list[str]] = mapped_column(JSON)
    """What the full-text index is asked for: those that say something."""
    is_told: Mapped[bool] = mapped_column(default=False)
    """Whether the person hears of new posts that it finds."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    @property
    def arguments(self) -> dict[str, Any]:
        """Of the search page's address."""
        facts = {"q": self.asked, "kind": self.kind, "topic": self.topic, "role": self.role, "language": self.language}
        return {name: value for name, value in facts.items() if value}
