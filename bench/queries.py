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
    seen = [("idea page, first view", guest, idea), ("idea page", guest, idea), ("idea page, a member", member, idea)]
    seen += [("list page, first view", guest, listed), ("list page", guest, listed), ("search page", guest, searched)]
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
