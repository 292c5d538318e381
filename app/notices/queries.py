"""What goes into feeds: only what a guest may see."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select

from app.accounts.models import Guest
from app.forum.models import Post
from app.forum.queries import PostRow, post_address, post_rows, visible_posts

LENGTH = 30
"""Entries of a feed."""
NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Entry:
    """One post in a feed."""

    post_id: int
    kind: str
    path: str
    title: str
    summary: str
    language: str
    author_name: str
    author_path: str
    topics: list[tuple[str, str]]
    """(id, name)."""
    published_at: datetime
    updated_at: datetime
    featured_reason: str = ""


def newest_entries(kind: str) -> list[Entry]:
    """The newest ideas or questions."""
    posts = _public(Post.edited_at).where(Post.kind == kind).order_by(Post.published_at.desc(), Post.id.desc())
    return [_entry(row, row.published_at) for row in post_rows(posts.limit(LENGTH))]


def featured_entries() -> list[Entry]:
    """The ideas featured last, and why; they count as published when they were featured."""
    posts = _public(Post.edited_at, Post.featured_at, Post.featured_reason).where(Post.featured_at.is_not(None))
    rows = post_rows(posts.order_by(Post.featured_at.desc(), Post.id.desc()).limit(LENGTH))
    return [_entry(row, row.extra["featured_at"], for_xml(row.extra["featured_reason"])) for row in rows]


def _public(*columns: Any) -> Select[Any]:
    return visible_posts(Guest()).add_columns(*columns)


def _entry(row: PostRow, published_at: datetime, featured_reason: str = "") -> Entry:
    return Entry(
        post_id=row.id,
        kind=row.kind,
        path=post_address(row),
        title=for_xml(row.title),
        summary=for_xml(row.gist),
        language=row.language,
        author_name=for_xml(row.author.display_name),
        author_path=f"/u/{row.author.name}",
        topics=[(topic.id, for_xml(topic.name)) for topic in row.tags.topics],
        published_at=published_at,
        updated_at=max(published_at, row.extra["edited_at"] or published_at),
        featured_reason=featured_reason,
    )


def for_xml(text: str) -> str:
    """Without the characters that no XML document may hold, even escaped."""
    return NOT_IN_XML.sub("", text)
