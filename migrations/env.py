"""Alembic's environment: the models' metadata on the application's own engine."""

from __future__ import annotations

from alembic import context
from sqlalchemy.schema import SchemaItem

from app.database import Base, db

OUTSIDE_MODELS = ("search_index", "ix_search_index", "ix_passage_nearest")


def include(_item: SchemaItem, name: str | None, kind: str, _reflected: bool, _compared: SchemaItem | None) -> bool:
    """The full-text and vector indexes differ by database and are written by hand."""
    return not (kind in ("table", "index") and name is not None and name.startswith(OUTSIDE_MODELS))


def run() -> None:
    if db.engine.dialect.name == "postgresql":
        import pgvector.sqlalchemy  # noqa: F401  (teaches reflection the type `vector`)
    with db.engine.connect() as connection:
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


run()
