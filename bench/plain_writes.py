"""Writes what publishing an idea writes, by plain SQL."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from app.ideas.models import SECTIONS

POST = ["kind", "author_id", "group_id", "title", "gist", "language", "published_at", "active_at", "revision"]
COUNTS = ["support_count", "comment_count"]
IDEA = ["id", "stage", *(section.key for section in SECTIONS)]
REVISION = ["post_id", "number", "author_id", "reason", "title", "sections", "created_at"]
FOLLOW = ["post_id", "user_id", "created_at"]
JOB = ["task", "arguments", "key", "run_at", "created_at", "attempts"]


def add_idea(connection: sqlite3.Connection, title: str, problem: str) -> int:
    """Publish in one transaction; returns the idea's id."""
    connection.execute("BEGIN IMMEDIATE")
    idea_id = write_idea(connection, title, problem)
    connection.execute("COMMIT")
    return idea_id


def write_idea(connection: sqlite3.Connection, title: str, problem: str) -> int:
    """The post, its text, a revision, a follower, the two jobs that follow, and the marks of a change."""
    at, sections = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), json.dumps({"problem": problem})
    post = ("idea", 1, 1, title, problem[:200], "en", at, at, 1, 0, 0)
    idea_id = insert(connection, "post", [*POST, *COUNTS], post)
    insert(connection, "idea", IDEA, (idea_id, "published", problem, *[""] * (len(SECTIONS) - 1)))
    insert(connection, "revision", REVISION, (idea_id, 1, 1, "", title, sections, at))
    insert(connection, "follow", FOLLOW, (idea_id, 1, at))
    for task in ("search.index_words", "matching.embed"):
        arguments = json.dumps({"kind": "idea", "id": idea_id})
        insert(connection, "job", JOB, (task, arguments, f"{task} {arguments}", at, at, 0))
    connection.execute("UPDATE listing_stamp SET stamp = ?", (at,))
    connection.execute("UPDATE index_generation SET number = number + 1")
    return idea_id


def insert(connection: sqlite3.Connection, table: str, columns: Sequence[str], values: Sequence[Any]) -> int:
    marks = ",".join("?" * len(columns))
    return connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values).lastrowid or 0
