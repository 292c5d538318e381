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
JOURNAL = ["action", "by_id", "post_id", "note", "is_public", "created_at"]
JOB = ["task", "arguments", "key", "run_at", "created_at", "attempts"]


def add_idea(connection: sqlite3.Connection, title: str, problem: str) -> int:
    """Publish in one transaction; returns the idea's id."""
    connection.execute("BEGIN IMMEDIATE")
    idea_id = write_idea(connection, title, problem)
    connection.execute("COMMIT")
    return idea_id


def write_idea(connection: sqlite3.Connection, title: str, problem: str) -> int:
    """The post, its text, a revision, a follower, an entry of the journal, the jobs that follow, marks of a change."""
    at, sections = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f"), json.dumps({"problem": problem})
    post = ("idea", 1, 1, title, problem[:200], "en", at, at, 1, 0, 0)
    idea_id = insert(connection, "post", [*POST, *COUNTS], post)
    insert(connection, "idea", IDEA, (idea_id, "published", problem, *[""] * (len(SECTIONS) - 1)))
    insert(connection, "revision", REVISION, (idea_id, 1, 1, "", title, sections, at))
    insert(connection, "follow", FOLLOW, (idea_id, 1, at))
    entry_id = insert(connection, "journal_entry", JOURNAL, ("idea_published", 1, idea_id, "", 0, at))
    idea = {"id": idea_id, "kind": "idea"}
    for task, given in (
        ("notices.tell", {"entry_id": entry_id}),
        ("expertise.refresh", {"post_id": idea_id}),
        ("search.index_words", idea),
        ("matching.embed", idea),
    ):
        arguments = json.dumps(given)
        insert(connection, "job", JOB, (task, arguments, f"{task} {arguments}", at, at, 0))
    insert(connection, "attention", ["idea_id", "shown"], (idea_id, 0))
    connection.execute("UPDATE listing_stamp SET stamp = ?", (at,))
    connection.execute("UPDATE index_generation SET number = number + 1")
    connection.execute(
        "INSERT INTO matchable_change (generation, subject_kind, subject_id) "
        "SELECT number, 'idea', ? FROM index_generation",
        (idea_id,),
    )
    connection.execute("UPDATE change SET number = number + 1")
    return idea_id


def insert(connection: sqlite3.Connection, table: str, columns: Sequence[str], values: Sequence[Any]) -> int:
    marks = ",".join("?" * len(columns))
    return connection.execute(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", values).lastrowid or 0
