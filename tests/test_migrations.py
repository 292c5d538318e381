"""The migrations give exactly the models' schema, and each can be undone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import MetaData, create_engine, inspect, text

from app import ROOT, create_app
from app.database import Base, db
from app.settings import Settings
from tests.conftest import ON_POSTGRESQL

MIGRATIONS = str(ROOT / "migrations")
BLANK = {bool: False, int: 0, str: "", datetime: datetime(2026, 1, 1)}  # noqa: DTZ001  (as SQLite keeps moments)
BY_HAND = ("search_index", "ix_search_index", "ix_passage_nearest")


def test_the_migrated_schema_is_that_of_the_models(app: Flask) -> None:
    def is_ours(_item: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
        return not (kind in ("table", "index") and name is not None and name.startswith(BY_HAND))

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, Base.metadata) == []


@pytest.fixture
def other(app: Flask, database_url: str, tmp_path: Path) -> Iterator[None]:
    """In the context of an application whose database is empty."""
    url = f"sqlite:///{tmp_path}/other.db"
    if ON_POSTGRESQL:
        url = database_url.replace("/commons_test?", "/commons_migrations?")
        server = create_engine(database_url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS commons_migrations WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE commons_migrations"))
    with create_app(Settings(database_url=url, instance_dir=tmp_path, encoders="basic", worker="off")).app_context():
        yield
        db.engine.dispose()


@pytest.mark.usefixtures("other")
def test_every_migration_can_be_undone_and_done_again() -> None:
    upgrade(directory=MIGRATIONS)
    complete = set(inspect(db.engine).get_table_names())
    downgrade(directory=MIGRATIONS, revision="base")
    assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
    upgrade(directory=MIGRATIONS)
    assert set(inspect(db.engine).get_table_names()) == complete


@pytest.mark.usefixtures("other")
def test_what_was_answered_before_has_its_first_revision_and_comments_keep_their_replies() -> None:
    upgrade(directory=MIGRATIONS, revision="0012")
    author, group = add("user"), add("group")
    post = add("post", kind="question", author_id=author, group_id=group)
    add("question", id=post)
    answer = add("answer", question_id=post, author_id=author, body="They do.")
    comment = add("comment", post_id=post, author_id=author)
    reply = add("comment", post_id=post, author_id=author, parent_id=comment)
    for _ in range(2):
        upgrade(directory=MIGRATIONS)
        assert rows("SELECT answer_id, number, author_id, body FROM answer_revision") == [
            (answer, 1, author, "They do.")
        ]
        assert rows("SELECT id, parent_id, answer_id FROM comment ORDER BY id") == [
            (comment, None, None),
            (reply, comment, None),
        ]
        downgrade(directory=MIGRATIONS, revision="0012")
    assert rows("SELECT id, parent_id FROM comment ORDER BY id") == [(comment, None), (reply, comment)]


@pytest.mark.usefixtures("other")
def test_what_was_merged_is_parted_before_nothing_says_that_it_was() -> None:
    upgrade(directory=MIGRATIONS, revision="0025")
    author, supporter, group = add("user", name="a"), add("user", name="b"), add("group")
    facts = {"kind": "idea", "author_id": author, "group_id": group}
    into = add("post", **facts, support_count=1)
    idea = add("post", **facts, support_count=1, merged_into_id=into, deleted_at=BLANK[datetime])
    gone = add("post", **facts, deleted_at=BLANK[datetime])
    for name in ("support", "follow"):
        add(name, post_id=idea, user_id=supporter)
        add(name, post_id=into, user_id=supporter, merged_from_id=idea)
    downgrade(directory=MIGRATIONS, revision="0024")
    assert rows("SELECT id, support_count, deleted_at IS NULL FROM post ORDER BY id") == [
        (into, 0, True),
        (idea, 1, True),
        (gone, 0, False),
    ]
    for name in ("support", "follow"):
        assert rows(f"SELECT post_id, user_id FROM {name}") == [(idea, supporter)]


@pytest.mark.usefixtures("other")
def test_what_was_followed_and_muted_is_followed_no_more() -> None:
    upgrade(directory=MIGRATIONS, revision="0027")
    reader, author, group = add("user", name="a"), add("user", name="b"), add("group")
    muted, other = (add("post", kind="question", author_id=author, group_id=group) for _ in range(2))
    for post in (muted, other):
        add("follow", post_id=post, user_id=reader)
    for person in (reader, author):
        add("following", person_id=person, user_id=reader + author - person)
    add("mute", person_id=reader, post_id=muted)
    add("mute", person_id=reader, user_id=author)
    upgrade(directory=MIGRATIONS, revision="0028")
    assert rows("SELECT post_id, user_id FROM follow") == [(other, reader)]
    assert rows("SELECT person_id, user_id FROM following") == [(author, reader)]


@pytest.mark.usefixtures("other")
def test_support_counts_without_authors_copies_stay_in_their_group_and_nobody_leads_where_that_is_not_known() -> None:
    upgrade(directory=MIGRATIONS, revision="0028")
    author, helper, group = add("user", name="a"), add("user", name="b"), add("group", is_private=True, slug="a")
    public = add("group", slug="b")
    idea, open_idea = (
        add("post", kind="idea", author_id=author, group_id=each, support_count=2) for each in (group, public)
    )
    for post in (idea, open_idea):
        add("idea", id=post)
    add("co_author", idea_id=idea, person_id=helper)
    for post, person in ((idea, author), (idea, helper), (open_idea, author), (open_idea, helper)):
        add("support", post_id=post, user_id=person)
    for number, fork in enumerate((idea, open_idea)):
        draft = add("draft", person_id=author, key=str(number), token=str(number), kind="idea", version=2)
        for version, fields in ((1, []), (2, [["title", "Mine"], ["fork", str(fork)]])):
            add("draft_version", draft_id=draft, number=version, fields=fields)
    for _ in range(2):
        upgrade(directory=MIGRATIONS, revision="0029")
        assert rows("SELECT support_count FROM post ORDER BY id") == [(0,), (1,)]
        assert rows("SELECT post_id FROM draft ORDER BY id") == [(idea,), (None,)]
        if not rows("SELECT id FROM joining"):
            add("joining", idea_id=idea, person_id=author, state="leads")
        downgrade(directory=MIGRATIONS, revision="0028")
        assert rows("SELECT support_count FROM post ORDER BY id") == [(2,), (2,)]
        assert rows("SELECT state FROM joining") == [("left",)]


def add(table_name: str, /, **facts: Any) -> int:
    """A row of a table as it is by now; what is not said is blank."""
    metadata = MetaData()
    metadata.reflect(db.engine, only=[table_name])
    table = metadata.tables[table_name]
    for column in table.columns:
        if column.nullable or column.server_default is not None or column.name in (*facts, "id"):
            continue
        facts[column.name] = BLANK.get(column.type.python_type, [])
    with db.engine.begin() as connection:
        return int(connection.execute(table.insert().values(**facts)).inserted_primary_key[0])


def rows(query: str) -> list[tuple[Any, ...]]:
    with db.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]
