"""Rate limits, counted in the database so that all processes share them."""

from __future__ import annotations

import time

from flask import Flask, current_app, g
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from limits.storage import Storage
from sqlalchemy import case, delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Model, db, insert_into
from app.settings import Settings
from app.web import viewer

SCHEME = "commons"


class RateCount(Model):
    """How often something was done in the present window."""

    key: Mapped[str] = mapped_column(primary_key=True)
    count: Mapped[int]
    expires_at: Mapped[float] = mapped_column(index=True)
    """Seconds since 1970."""


class DatabaseStorage(Storage):
    """The `limits` library's storage on the application's own database, outside the request's transaction."""

    STORAGE_SCHEME = [SCHEME]

    @property
    def base_exceptions(self) -> type[Exception] | tuple[type[Exception], ...]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        moment = time.time()
        fresh = insert_into(RateCount).values(key=key, count=amount, expires_at=moment + expiry)
        is_over = RateCount.expires_at <= moment
        counted = fresh.on_conflict_do_update(
            index_elements=["key"],
            set_={
                "count": case((is_over, amount), else_=RateCount.count + amount),
                "expires_at": case((is_over, moment + expiry), else_=RateCount.expires_at),
            },
        ).returning(RateCount.count, RateCount.expires_at)
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            count, expires_at = connection.execute(counted).one()
            if count == amount:  # a window begins: no more often than that are old ones taken away
                connection.execute(delete(RateCount).where(RateCount.expires_at < moment - 3600))
        _of_this_request()[key] = (count, expires_at)
        return int(count)

    def get(self, key: str) -> int:
        return self._now(key)[0]

    def get_expiry(self, key: str) -> float:
        return self._now(key)[1]

    def _now(self, key: str) -> tuple[int, float]:
        """The count and when it ends; after counting, the headers of the answer ask for both."""
        if (counted := _of_this_request().get(key)) and counted[1] > time.time():
            return counted
        with db.engine.connect() as connection:
            present = RateCount.key == key, RateCount.expires_at > time.time()
            found = connection.execute(select(RateCount.count, RateCount.expires_at).where(*present)).first()
        return (found[0], found[1]) if found else (0, time.time())

    def check(self) -> bool:
        return True

    def reset(self) -> int | None:
        _of_this_request().clear()
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            return connection.execute(delete(RateCount)).rowcount

    def clear(self, key: str) -> None:
        _of_this_request().pop(key, None)
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(delete(RateCount).where(RateCount.key == key))


def _of_this_request() -> dict[str, tuple[int, float]]:
    return g.setdefault("rate_counts", {}) if g else {}


def address_or_person() -> str:
    """Whom a limit counts: the person or, for guests, the address."""
    person = viewer()
    return f"person-{person.id}" if person.is_signed_in else f"address-{get_remote_address()}"


limiter = Limiter(address_or_person, storage_uri=f"{SCHEME}://", strategy="fixed-window", headers_enabled=True)


@limiter.request_filter
def are_off() -> bool:
    """Asked of each application: the limiter's own switch would be that of the application made last."""
    return not current_app.config["COMMONS"].rate_limits


def init_app(app: Flask, _settings: Settings) -> None:
    limiter.init_app(app)
