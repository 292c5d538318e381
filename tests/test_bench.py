"""The application that the benchmark compares with keeps up with the pages that it shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.database import db
from app.forum.commands import post_comment
from app.forum.queries import post_address
from bench.pages import keep
from bench.plain import plain_app
from tests.factories import make_idea, make_person

TITLE = "Collect phone batteries at school"

pytestmark = pytest.mark.long  # and its database is one file


@pytest.fixture
def path(app: Flask, run_jobs: Callable[[], int]) -> str:
    """Of an idea with tags, a country and a comment."""
    idea = make_idea(title=TITLE, topics=["batteries"], roles=["student"], needed_roles=["recycler"], country="GH")
    post_comment(idea, by=make_person(roles=["teacher"]), body="Who holds the *key*?")
    run_jobs()
    return post_address(idea)


@pytest.fixture
def plain(app: Flask, path: str, tmp_path: Path) -> FlaskClient:
    keep(app, tmp_path, [path])
    db.session.commit()
    with closing(sqlite3.connect(db.engine.url.database or "")) as database:
        database.execute("VACUUM INTO ?", [str(tmp_path / "commons.db")])
    plain = plain_app(replace(app.config["COMMONS"], instance_dir=tmp_path))
    plain.config["PROPAGATE_EXCEPTIONS"] = True
    return plain.test_client()


def test_the_plain_application_shows_an_idea_with_all_that_belongs_to_it(plain: FlaskClient, path: str) -> None:
    page = plain.get(path).text
    for part in (TITLE, "Ghana", "Recycler", "Batteries", "Who holds the <em>key</em>?", "Teacher"):
        assert part in page


def test_the_plain_application_lists_ideas_and_finds_them(plain: FlaskClient) -> None:
    assert TITLE in plain.get("/ideas").text
    assert TITLE in plain.get("/search?q=phone").text


def test_the_plain_application_takes_an_idea(plain: FlaskClient) -> None:
    sent = {"title": "A second box", "problem": "The first one is full after a week."}
    assert plain.post("/ideas", data=sent).status_code == 303
    assert "A second box" in plain.get("/ideas").text
