"""Nothing is changed by a request that another site made."""

from __future__ import annotations

import hashlib
import re

import pytest
from sqlalchemy import select
from werkzeug.routing import AnyConverter, BaseConverter, IntegerConverter

from app.accounts.commands import register
from app.database import Base, db
from tests.factories import make_moderator, make_person

SIGNED = "/unsubscribe/x"
"""Needs a link that we signed in place of a token: mail programs send it."""
WRITING = {"POST", "PUT", "PATCH", "DELETE"}


@pytest.fixture
def guarded(app, monkeypatch):
    """The application with its guard against forgery, which other tests do without."""
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    return app


def writing_routes(app) -> list[tuple[str, str]]:
    """Each method and address that may change something, with something in place of every variable."""
    routes = []
    for rule in app.url_map.iter_rules():
        values = {name: something_for(rule._converters[name]) for name in rule.arguments}
        with app.test_request_context():
            path = app.url_map.bind("localhost").build(rule.endpoint, values)
        routes += [(method, path) for method in sorted(WRITING & rule.methods)]
    return routes


def something_for(converter: BaseConverter) -> int | str:
    """A value that the variable of an address may have."""
    if isinstance(converter, IntegerConverter):
        return 1
    return sorted(converter.items)[0] if isinstance(converter, AnyConverter) else "x"


def contents() -> str:
    """A digest of every row of every table."""
    digest = hashlib.sha256()
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            rows = connection.execute(select(table)).all()
            digest.update(repr(sorted(map(repr, rows))).encode())
    return digest.hexdigest()


def test_there_are_writing_routes_to_test(app):
    assert ("POST", "/sign-in") in writing_routes(app)
    assert len(writing_routes(app)) >= 10


def test_no_route_writes_without_a_token(guarded, client_for):
    browser = client_for(make_moderator())
    before = contents()
    answered = {
        f"{method} {path}": browser.open(path, method=method).status_code for method, path in writing_routes(guarded)
    }
    others = {"POST /sign-in": 303, f"POST {SIGNED}": 404}
    assert {route: status for route, status in answered.items() if status != 400} == others
    assert contents() == before


def test_no_route_writes_with_the_token_of_someone_else(guarded, client_for):
    foreign = token_in(client_for(make_person()).get("/me").text)
    browser = client_for(make_moderator())
    browser.get("/me")
    before = contents()
    data = {"csrf_token": foreign}
    answered = {
        path: browser.open(path, method=method, data=data).status_code for method, path in writing_routes(guarded)
    }
    others = {"/sign-in": 303, SIGNED: 404}
    assert {path: status for path, status in answered.items() if status != 400} == others
    assert contents() == before


def test_a_form_with_its_own_token_is_accepted(guarded, client):
    token = token_in(client.get("/register").text)
    facts = {"name": "ama", "display_name": "Ama", "password": "copper kettle maple river", "csrf_token": token}
    assert client.post("/register", data=facts).status_code == 303


def test_a_token_from_before_the_sign_in_is_worth_nothing_after_it(guarded, client):
    register(name="ama", display_name="Ama", email=None, password="copper kettle maple river")
    token = token_in(client.get("/sign-in").text)
    data = {"name": "ama", "password": "copper kettle maple river", "csrf_token": token}
    assert client.post("/sign-in", data=data).status_code == 303
    assert client.post("/sign-out", data={"csrf_token": token}).status_code == 400
    assert client.get("/me").status_code == 200


def test_a_form_that_was_open_too_long_explains_itself(guarded, client):
    answer = client.post("/sign-in", data={"name": "ama"})
    assert answer.status_code == 400
    assert "reload the page" in answer.text


def test_every_form_that_writes_carries_a_token(app, client, client_for):
    ama = make_person(name="ama")
    browser = client_for(ama)
    pages = [client.get(path).text for path in ("/register", "/sign-in", "/people", "/nothing")]
    pages += [browser.get(path).text for path in ("/me", "/me/password", "/me/sessions", "/welcome", "/u/ama")]
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", "".join(pages), re.DOTALL):
        assert 'name="csrf_token"' in form


def token_in(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


TYPED = {"title": "Boxes for batteries", "problem": "We collect swollen batteries in sand boxes."}


def test_a_form_that_outlived_its_session_gives_the_text_back_and_says_to_sign_in(guarded, client):
    answer = client.post("/ideas", data={"csrf_token": "of another session", **TYPED})
    assert answer.status_code == 401
    assert TYPED["problem"] in answer.text


def test_a_text_without_spaces_is_given_back_too(client):
    text = "学校的孩子把手机电池扔进教室的垃圾桶里面。"
    answer = client.post("/ideas", data={"title": "电池箱子计划", "problem": text, "topics": "cooling-refrigerants"})
    assert answer.status_code == 401
    assert text in answer.text
    assert "电池箱子计划" in answer.text
    assert "cooling-refrigerants" not in answer.text


def test_a_form_from_before_signing_in_again_gives_the_text_back(guarded, client_for):
    answer = client_for(make_person()).post("/ideas", data={"csrf_token": "of another session", **TYPED})
    assert answer.status_code == 400
    assert TYPED["problem"] in answer.text
    assert "Copy your text" in answer.text


def test_the_sign_in_form_of_another_tab_leads_on_for_whoever_signed_in_meanwhile(guarded, client_for):
    answer = client_for(make_person()).post("/sign-in", data={"csrf_token": "old", "next": "/ideas"})
    assert (answer.status_code, answer.location) == (303, "/ideas")
