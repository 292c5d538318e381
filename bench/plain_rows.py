"""Rows of the Commons' SQLite database by plain SQL, in the shapes that its templates show."""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from app.accounts.queries import Author
from app.forum.models import slug_of
from app.forum.queries import CommentRow, PostRow, Tag, Tags
from app.ideas.models import SECTIONS
from app.matching.found import Found, Reason
from app.pages import PAGE_SIZE
from app.search.rows import SubjectRow

VISIBLE = (
    "p.kind = 'idea' AND p.deleted_at IS NULL AND p.hidden_at IS NULL "
    'AND p.group_id IN (SELECT id FROM "group" WHERE is_private = 0)'
)
AUTHOR = "u.id, u.name, u.display_name, u.kind"
AUTHOR_NAMED = ", ".join(f"u.{name} AS author_{name}" for name in ("id", "name", "display_name", "kind"))
SECTION_KEYS = [section.key for section in SECTIONS]
TAGS = """
    SELECT t.post_id, 'roles', r.id, r.name, r.position FROM post_role t JOIN role r ON r.id = t.role_id
    WHERE t.post_id IN ({ids}) UNION ALL
    SELECT t.post_id, 'needed_roles', r.id, r.name, r.position FROM post_needed_role t JOIN role r ON r.id = t.role_id
    WHERE t.post_id IN ({ids}) UNION ALL
    SELECT t.post_id, 'topics', r.id, r.name, r.position FROM post_topic t JOIN topic r ON r.id = t.topic_id
    WHERE t.post_id IN ({ids}) ORDER BY 5, 3
"""


class Rows:
    """Each thread has a connection of its own, with the settings that the Commons gives its own ones."""

    def __init__(self, file: Path, synchronous: str) -> None:
        self._file = file
        self._synchronous = synchronous
        self._local = threading.local()

    def idea(self, idea_id: int) -> Any:
        (row,) = self._named(
            f"SELECT p.*, i.*, g.is_private, g.name AS group_name, {AUTHOR_NAMED} FROM post p "
            "JOIN idea i ON i.id = p.id JOIN user u ON u.id = p.author_id "
            f'JOIN "group" g ON g.id = p.group_id WHERE p.id = ? AND {VISIBLE}',
            idea_id,
        )
        row["published_at"] = moment(row["published_at"])
        row["sections"] = {key: row[key] for key in SECTION_KEYS if row[key]}
        row["group"] = SimpleNamespace(is_private=row["is_private"], name=row["group_name"])
        row["author"] = Author(*(row[f"author_{name}"] for name in ("id", "name", "display_name", "kind")))
        row["authors"], row["author_ids"] = [row["author"]], {row["author_id"]}
        row["slug"] = slug_of(row["title"])
        return SimpleNamespace(**row)

    def newest(self, number: int) -> list[PostRow]:
        found = self._all(
            "SELECT p.id, p.kind, p.title, p.gist, p.language, p.country, p.published_at, p.active_at, "
            f"p.support_count, p.comment_count, {AUTHOR}, i.stage FROM post p JOIN idea i ON i.id = p.id "
            f"JOIN user u ON u.id = p.author_id WHERE {VISIBLE} "
            "ORDER BY p.published_at DESC, p.id DESC LIMIT ? OFFSET ?",
            PAGE_SIZE,
            (number - 1) * PAGE_SIZE,
        )
        tags = self.tags_of([row[0] for row in found])
        return [
            PostRow(
                *row[:6],
                published_at=moment(row[6]),
                active_at=moment(row[7]),
                support_count=row[8],
                comment_count=row[9],
                author=Author(*row[10:14]),
                group_name=None,
                tags=tags[row[0]],
                extra={"stage": row[14]},
            )
            for row in found
        ]

    def comments(self, idea_id: int) -> list[CommentRow]:
        roles: dict[int, list[Tag]] = defaultdict(list)
        found = self._all(
            f"SELECT c.id, c.parent_id, c.body, c.created_at, {AUTHOR} FROM comment c "
            "JOIN user u ON u.id = c.author_id "
            "WHERE c.post_id = ? AND c.deleted_at IS NULL AND c.hidden_at IS NULL ORDER BY c.id",
            idea_id,
        )
        writers = sorted({row[4] for row in found})
        for person, role, name in self._all(
            "SELECT t.user_id, r.id, r.name FROM user_role t JOIN role r ON r.id = t.role_id "
            f"WHERE t.user_id IN ({marks(writers)}) ORDER BY r.position",
            *writers,
        ):
            roles[person].append(Tag(role, name))
        return [CommentRow(*row[:3], moment(row[3]), False, False, Author(*row[4:]), roles[row[4]]) for row in found]

    def tags_of(self, ids: Sequence[int]) -> Mapping[int, Tags]:
        tags = {post_id: Tags() for post_id in ids}
        for post_id, kind, tag, name, _ in self._all(TAGS.format(ids=marks(ids)), *ids, *ids, *ids):
            getattr(tags[post_id], kind).append(Tag(tag, name))
        return tags

    def search(self, asked: str) -> tuple[list[Found], int]:
        words = " OR ".join(f'"{word}"' for word in asked.split())
        found = self._all(
            "WITH hit AS MATERIALIZED (SELECT rowid / 8 AS subject_id, bm25(search_index, 3.0, 1.0) AS score "
            "FROM search_index WHERE search_index MATCH ? AND rowid % 8 = 0) "
            f"SELECT p.id, p.title, p.gist, p.language, p.country, p.published_at, {AUTHOR}, count(*) OVER () "
            f"FROM hit JOIN post p ON p.id = hit.subject_id JOIN user u ON u.id = p.author_id WHERE {VISIBLE} "
            "ORDER BY hit.score LIMIT ?",
            words,
            PAGE_SIZE,
        )
        tags = self.tags_of([row[0] for row in found])
        rows = [found_row(row, tags[row[0]]) for row in found]
        total = found[0][10] if found else 0
        return [Found(row, row.language, None, 0.0, {}, Reason()) for row in rows], total

    def all_tags(self) -> dict[str, list[Tag]]:
        return {
            table: [Tag(*row) for row in self._all(f"SELECT id, name FROM {table} ORDER BY position")]
            for table in ("role", "topic")
        }

    def forget_connection(self) -> None:
        self.connection().close()
        self._local = threading.local()

    def _named(self, statement: str, *values: Any) -> list[dict[str, Any]]:
        cursor = self.connection().execute(statement, values)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor]

    def _all(self, statement: str, *values: Any) -> list[Any]:
        return self.connection().execute(statement, values).fetchall()

    def connection(self) -> sqlite3.Connection:
        """This thread's own."""
        if not hasattr(self._local, "connection"):
            self._local.connection = sqlite3.connect(self._file, isolation_level=None)
            for pragma in ("journal_mode=WAL", f"synchronous={self._synchronous}", "busy_timeout=5000"):
                self._local.connection.execute(f"PRAGMA {pragma}")
        return self._local.connection


def found_row(row: Sequence[Any], tags: Tags) -> SubjectRow:
    return SubjectRow(
        kind="idea",
        id=row[0],
        address=f"/ideas/{row[0]}/{slug_of(row[1])}",
        title=row[1],
        gist=row[2],
        language=row[3],
        country=row[4],
        author=Author(*row[6:10]),
        written_at=moment(row[5]),
        topics={tag.id: tag.name for tag in tags.topics},
        roles={tag.id: tag.name for tag in tags.roles},
        needed_roles={tag.id: tag.name for tag in tags.needed_roles},
    )


def marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
