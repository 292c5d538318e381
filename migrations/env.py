"""Alembic's environment: the models' metadata on the application's own engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection
from sqlalchemy.schema import SchemaItem

from app.database import Base, db

OUTSIDE_MODELS = ("search_index", "ix_search_index", "ix_passage_nearest")


def include(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: SchemaItem | None) -> bool:
    """The full-text and vector indexes differ by database and are written by hand."""
    return not (kind in ("table", "index") and name is not None and name.startswith(OUTSIDE_MODELS))


def run() -> None:
    if db.engine.dialect.name == "postgresql":
        import pgvector.sqlalchemy  # noqa: F401  (teaches reflection the type `vector`)
    with db.engine.connect() as connection, tables_may_be_made_anew(connection):
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            include_object=include,
            render_as_batch=True,
            user_module_prefix="",
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


@contextmanager
def tables_may_be_made_anew(connection: Connection) -> Iterator[None]:
    """A batch on SQLite drops the table and makes it anew: what refers to its rows must not go with them."""
    if connection.dialect.name != "sqlite":
        yield
        return
    database = connection.connection.dbapi_connection
    assert database is not None
    database.execute("PRAGMA foreign_keys=OFF")  # not by way of SQLAlchemy: inside a transaction it does nothing
    try:
        yield
    finally:
        database.execute("PRAGMA foreign_keys=ON")


run()
