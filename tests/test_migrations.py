"""The migrations give exactly the models' schema, and each can be undone."""

from __future__ import annotations

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from flask import Flask
from flask_migrate import downgrade, upgrade
from sqlalchemy import create_engine, inspect, text

from app import ROOT, create_app
from app.database import Base, db
from app.settings import Settings
from tests.conftest import ON_POSTGRESQL

MIGRATIONS = str(ROOT / "migrations")
BY_HAND = ("search_index", "ix_search_index", "ix_passage_nearest")


def test_the_migrated_schema_is_that_of_the_models(app: Flask) -> None:
    def is_ours(_item: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
        return not (kind in ("table", "index") and name is not None and name.startswith(BY_HAND))

    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_can_be_undone_and_done_again(app: Flask, database_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/other.db"
    if ON_POSTGRESQL:
        url = database_url.replace("/commons_test?", "/commons_migrations?")
        server = create_engine(database_url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS commons_migrations WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE commons_migrations"))
    other = create_app(Settings(database_url=url, instance_dir=tmp_path, encoders="basic", worker="off"))
    with other.app_context():
        upgrade(directory=MIGRATIONS)
        complete = set(inspect(db.engine).get_table_names())
        downgrade(directory=MIGRATIONS, revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        upgrade(directory=MIGRATIONS)
        assert set(inspect(db.engine).get_table_names()) == complete
        db.engine.dispose()
