"""The database: base class, column types, transaction(), SQLite and PostgreSQL connection rules."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import structlog
from blinker import signal
from flask import Flask, Response, after_this_request, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from numpy.typing import NDArray
from sqlalchemy import (
    Connection,
    DateTime,
    Dialect,
    Engine,
    Executable,
    LargeBinary,
    MetaData,
    TypeDecorator,
    event,
    exc,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


log = structlog.get_logger()
db = SQLAlchemy(model_class=Base)
migrate = Migrate(db=db, directory="migrations", render_as_batch=True)

if TYPE_CHECKING:

    class Model(Base):
        __abstract__ = True
else:
    Model = db.Model


def init_app(app: Flask) -> None:
    db.init_app(app)
    migrate.init_app(app)


unit_ending = signal("unit-ending")
"""Sent inside each unit of writing that changes what pages show, at its end; receivers write as part of it."""


class Change(Model):
    """One row, there from the beginning: how many transactions have changed something that a page may show."""

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int]


def now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def transaction(*, is_shown: bool = True) -> Iterator[None]:
    """One unit of writing: everything inside is committed together or not at all. An inner one joins the outer.

    The reads that came before are closed first, and objects reload inside: SQLite cannot turn a read transaction into a
    writing one without failing when another process wrote in between. What no guest's page shows may be written with
    `is_shown=False`, so that kept pages stay.
    """
    session = db.session()
    if session.info.get("writes"):
        session.info["is_shown"] |= is_shown
        yield
        return
    session.commit()
    session.info |= {"writes": True, "is_shown": is_shown}
    try:
        session.connection(execution_options={"writes": True})
        yield
        if session.info["is_shown"]:
            unit_ending.send()
            _count_change()
        session.commit()
    except BaseException:
        session.rollback()
        raise
    finally:
        session.info["writes"] = False


_CHANGE_NUMBER = select(Change.__table__.c.number)


def change_number() -> int:
    """Equal numbers mean that no page has changed in between."""
    return int(db.session.execute(_CHANGE_NUMBER).scalar_one())


def _count_change() -> None:
    """Last of all, because others wait for the row until the commit."""
    db.session.flush()
    db.session.execute(update(Change).values(number=Change.number + 1))


def write_when_sent(statement: Executable, rows: Sequence[dict[str, object]] | None = None, *, what: str) -> None:
    """What nobody waits for and no guest's page shows is written once the answer to this request is sent; when the
    database is busy for long, not at all. `what` names it in the log."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]

    def write() -> None:
        with app.app_context():
            try:
                with transaction(is_shown=False):
                    db.session.execute(statement, rows)
            except exc.SQLAlchemyError as error:
                log.warning("not written after the answer", what=what, reason=type(error).__name__)

    @after_this_request
    def when_sent(response: Response) -> Response:
        response.call_on_close(write)
        return response


def insert_into(model: type[Model]) -> Any:
    """An insert that can say what to do on a conflict, in the words of the database."""
    dialect = postgresql if db.engine.dialect.name == "postgresql" else sqlite
    return dialect.insert(model)


class UTCDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; SQLite keeps it without its zone."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or dialect.name == "postgresql":
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class UnitVector(TypeDecorator[NDArray[np.float32]]):
    """A float32 unit vector of any dimension: bytes on SQLite, pgvector's `vector` on PostgreSQL."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name != "postgresql":
            return dialect.type_descriptor(LargeBinary())
        from pgvector.sqlalchemy import VECTOR

        return dialect.type_descriptor(VECTOR())

    def process_bind_param(self, value: NDArray[np.float32] | None, dialect: Dialect) -> Any:
        if value is None or dialect.name == "postgresql":
            return value
        return np.ascontiguousarray(value, dtype=np.float32).tobytes()

    def process_result_value(self, value: Any, _dialect: Dialect) -> NDArray[np.float32] | None:
        if value is None:
            return None
        return (
            np.frombuffer(value, dtype=np.float32) if isinstance(value, bytes) else np.asarray(value, dtype=np.float32)
        )


@event.listens_for(Engine, "connect")
def _prepare_connection(connection: Any, _record: object) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.isolation_level = None  # we emit BEGIN ourselves, see _begin
        synchronous = current_app.config["SQLITE_SYNCHRONOUS"] if current_app else "FULL"
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "busy_timeout=5000",
            "foreign_keys=ON",
            "trusted_schema=OFF",
            "journal_size_limit=67108864",
        ):
            connection.execute(f"PRAGMA {pragma}")


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def is_unavailable(error: exc.DBAPIError) -> bool:
    """Whether the database cannot serve for the moment (locked, full, unreachable), as opposed to a wrong statement.

    SQLite reports wrong statements, such as a table that is not there, as the same class of error with the code 1.
    """
    is_wrong_statement = getattr(error.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return isinstance(error, exc.OperationalError | exc.InterfaceError) and not is_wrong_statement
