"""Posts and what hangs on them."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

from slugify import slugify
from sqlalchemy import JSON, Column, ForeignKey, Index, Table, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.database import Base, Model, UTCDateTime, now
from app.groups.models import Group
from app.taxonomy.models import Role, Topic

GIST_LENGTH = 200
"""Characters."""
LONGEST_REASON = 200
"""Characters in which someone says why they support a post."""
TAKEN_SLUGS = {
    "answers",
    "asks",
    "closure",
    "comment",
    "contributors",
    "deletion",
    "edit",
    "handing-on",
    "invitation",
    "invitations",
    "join",
    "lineage",
    "merged",
    "merges",
    "requests",
    "reviews",
    "revisions",
    "stage",
    "suggestions",
    "supporters",
    "team",
    "too",
}


def _tag_table(name: str, column: str, target: str) -> Table:
    return Table(
        name,
        Base.metadata,
        Column("post_id", ForeignKey("post.id", ondelete="CASCADE"), primary_key=True),
        Column(column, ForeignKey(target), primary_key=True, index=True),
    )


post_role = _tag_table("post_role", "role_id", "role.id")
post_needed_role = _tag_table("post_needed_role", "role_id", "role.id")
post_topic = _tag_table("post_topic", "topic_id", "topic.id")


class Post(Model):
    """An idea or a question: who wrote it, where it lives, how it is tagged, what became of it."""

    __table_args__ = (
        Index("ix_post_newest", "kind", "published_at", "id"),
        Index("ix_post_active", "kind", "active_at", "id"),
        Index("ix_post_supported", "kind", "support_count", "id"),
    )
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "post"}

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    group_id: Mapped[int] = mapped_column(ForeignKey("group.id"), index=True)
    title: Mapped[str]
    gist: Mapped[str] = mapped_column(default="")
    """The first words of the text, in plain characters, for lists."""
    language: Mapped[str] = mapped_column(default="en")
    country: Mapped[str | None]
    published_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    edited_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    active_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"), index=True)
    """The post that took this one in, which counts as deleted as long as that holds: its address leads there."""
    revision: Mapped[int] = mapped_column(default=1)
    """Number of the newest revision; an edit says which one it saw."""
    featured_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    featured_reason: Mapped[str | None]
    """How the sentence "Featured because ..." goes on."""
    support_count: Mapped[int] = mapped_column(default=0)
    comment_count: Mapped[int] = mapped_column(default=0)
    source: Mapped[str | None] = mapped_column(unique=True)
    """Where an imported text came from; importing it again finds it by this."""
    source_url: Mapped[str | None]
    sent_as: Mapped[str | None] = mapped_column(unique=True)
    """Digest of the form that it was published from; the same form, sent again, finds it by this."""

    author: Mapped[User] = relationship()
    group: Mapped[Group] = relationship()
    roles: Mapped[list[Role]] = relationship(secondary=post_role, order_by=Role.position)
    """Stakeholder roles that an idea serves, or that a question is put to."""
    needed_roles: Mapped[list[Role]] = relationship(secondary=post_needed_role, order_by=Role.position)
    topics: Mapped[list[Topic]] = relationship(secondary=post_topic, order_by=Topic.position)

    @property
    def author_ids(self) -> set[int]:
        """Of all whose text it is."""
        return {self.author_id}

    @property
    def slug(self) -> str:
        return slug_of(self.title)

    @property
    def source_site(self) -> str | None:
        """The site that an imported text came from; None when its address is no web page."""
        address = re.match(r"https?://([^/?#\s]+)", self.source_url or "")
        return address[1] if address else None


class CoAuthor(Model):
    """From when until when someone wrote an idea with its author. The row stays when they leave: it is their credit."""

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    person: Mapped[User] = relationship()


class Revision(Model):
    """How a post read after one save."""

    __table_args__ = (UniqueConstraint("post_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    number: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    proposer_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    """Whose suggestion its author took over with it: the credit is theirs."""
    restored: Mapped[int | None]
    """Number of the revision whose text came back with it: whoever saved it wrote nothing new."""
    reason: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    sections: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    author: Mapped[User] = relationship(foreign_keys=author_id)
    proposer: Mapped[User | None] = relationship(foreign_keys=proposer_id)

    @property
    def texts(self) -> dict[str, Any]:
        """All that it says, by part."""
        return {"title": self.title, **self.sections}


class Comment(Model):
    """A remark on a post or on one of its answers, or a reply to one."""

    __table_args__ = (Index("ix_comment_thread", "post_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"))
    """That of its question, when it is on an answer."""
    answer_id: Mapped[int | None] = mapped_column(ForeignKey("answer.id", ondelete="CASCADE"), index=True)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"), index=True)
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    hidden_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    author: Mapped[User] = relationship()
    post: Mapped[Post] = relationship()


class Support(Model):
    """A person backs a post, once each, and says why if they like."""

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    reason: Mapped[str] = mapped_column(default="")
    merged_from_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"))
    """The post that was merged into this one, if it came with that and not from the person."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Follow(Model):
    """A person wants to hear of a post."""

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    merged_from_id: Mapped[int | None] = mapped_column(ForeignKey("post.id", ondelete="SET NULL"))
    """As with Support."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Reading(Model):
    """The newest revision that someone who writes or follows a post has read; nobody else is told."""

    post_id: Mapped[int] = mapped_column(ForeignKey("post.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True, index=True)
    revision: Mapped[int]


@lru_cache(maxsize=10_000)
def slug_of(title: str) -> str:
    """The readable end of an address; never a word that stands for something else there."""
    slug = slugify(title, max_length=60, word_boundary=True) or "untitled"
    return f"{slug}-" if slug in TAKEN_SLUGS else slug
