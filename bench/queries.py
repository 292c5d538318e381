"""How many statements a page sends to the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.database import db
from bench.community import PASSWORD
from bench.load import hidden_fields
from bench.report import Figure

MOST_QUERIES = 8


def query_figures(app: Flask, paths: Sequence[str]) -> list[Figure]:
    idea, listed, searched = paths
    guest, member = app.test_client(), signed_in(app)
    seen = [("idea page, nobody read it since a change", guest, idea), ("idea page, guest", guest, idea)]
    seen += [("idea page, member", member, idea)]
    seen += [
        (f"{what}, {who}", reader, path)
        for what, path in (("list page", listed), ("search page", searched))
        for who, reader in (("nobody read it since a change", guest), ("guest", guest), ("member", member))
    ]
    return [query_figure(f"queries: {what}", app, client, path) for what, client, path in seen]


def query_figure(what: str, app: Flask, client: FlaskClient, path: str) -> Figure:
    with counted_queries(app) as statements:
        status = client.get(path).status_code
    if status != 200:
        raise RuntimeError(f"{path} was answered with {status}")
    count = len(statements)
    return Figure(what, str(count), aim=f"at most {MOST_QUERIES}", is_met=count <= MOST_QUERIES)


@contextmanager
def counted_queries(app: Flask) -> Iterator[list[str]]:
    """The statements sent to the database meanwhile, without the beginnings of transactions."""
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    fields = hidden_fields(client.get("/sign-in").text, "/sign-in")
    client.post("/sign-in", data={**fields, "name": "person-0", "password": PASSWORD})
    return client
