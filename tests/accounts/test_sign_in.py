"""Signing in and out: nobody learns who has an account, and nobody is led elsewhere."""

from __future__ import annotations

import re

import pytest
from argon2 import PasswordHasher

from app.accounts import commands
from app.accounts.commands import register
from app.accounts.queries import person_named
from tests.factories import make_person

PASSWORD = "copper kettle maple river"
ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "////evil.example/..",
    "/\\evil.example",
    "\\/evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "http://evil.example",
    "HTTPS://evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "evil.example",
    "./evil",
    "?next=//evil.example",
    "#//evil.example",
    "@evil.example",
    "/\x0b/evil.example",
    "/\x1f/evil.example",
    "/\u2028/evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "http://localhost/people",
    "/\xa0/evil.example",
    "/a\\..\\evil",
]


@pytest.fixture
def ama(app):
    return register(name="ama", display_name="Ama Owusu", email=None, password=PASSWORD)


def sign_in(client, name="ama", password=PASSWORD, **more):
    return client.post("/sign-in", data={"name": name, "password": password, **more})


def test_who_signs_in_goes_where_they_wanted(client, ama):
    answer = sign_in(client, next="/people?role=teacher")
    assert (answer.status_code, answer.location) == (303, "/people?role=teacher")
    assert "Sign out" in client.get("/people").text


def test_the_name_is_read_whatever_its_case_and_spaces(client, ama):
    assert sign_in(client, name="  AMA ").status_code == 303


def test_a_page_that_needs_an_account_comes_after_signing_in(client, ama):
    asked = client.get("/me/sessions?x=1")
    assert (asked.status_code, asked.location) == (303, "/sign-in?next=/me/sessions?x%3D1")
    assert 'name="next" value="/me/sessions?x=1"' in client.get(asked.location).text


def test_a_write_that_needs_an_account_comes_back_to_its_page(client):
    asked = client.post("/me", headers={"Referer": "http://localhost/people?page=2"})
    assert asked.location == "/sign-in?next=/people?page%3D2"


@pytest.mark.parametrize(
    "referrer", ["https://evil.example/", "http://localhost.evil.example/x", "//evil.example", "http://["]
)
def test_a_write_that_came_from_elsewhere_leads_to_the_first_page(client, referrer):
    assert client.post("/me", headers={"Referer": referrer}).location == "/sign-in?next=/"


def test_htmx_is_told_to_go_to_the_form(client):
    asked = client.fragment("/me", "main")
    assert (asked.status_code, asked.headers["HX-Redirect"]) == (204, "/sign-in?next=/me")


def test_a_text_sent_after_the_session_ended_is_given_back(client):
    typed = "We collect swollen batteries in sand boxes."
    answer = client.post("/ideas", data={"title": "Boxes", "problem": typed})
    assert answer.status_code == 401
    assert "You are signed out." in answer.text
    assert f"{typed}</textarea>" in answer.text


def test_a_fragment_that_sends_a_text_after_the_session_ended_is_told_so_and_the_form_stays(client):
    typed = {"title": "Boxes", "problem": "We collect swollen batteries in sand boxes."}
    answer = client.fragment("/ideas", "main", method="POST", data=typed)
    assert (answer.status_code, "HX-Redirect" in answer.headers) == (401, False)
    assert answer.text.startswith("You are signed out.")


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_nobody_is_led_to_another_site(client, ama, wanted):
    assert sign_in(client, next=wanted).location == "/"
    assert client.get("/sign-in", query_string={"next": wanted}).location == "/"
    assert client.post("/theme", data={"theme": "dark", "next": wanted}).location == "/"
    assert client.post("/welcome", data={"next": wanted}).location == "/"


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(client, ama):
    wrong, unknown = sign_in(client, password="not it at all"), sign_in(client, name="kofi")
    assert wrong.status_code == unknown.status_code == 422
    assert without_what_differs(wrong.text, "ama") == without_what_differs(unknown.text, "kofi")
    assert "That name and password do not match an account." in wrong.text


@pytest.mark.parametrize("kind", ["demo", "imported"])
def test_demo_and_imported_people_cannot_sign_in(client, ama, kind):
    make_person(name="efua", kind=kind)
    for password in (PASSWORD, "", "None", "!"):
        assert sign_in(client, name="efua", password=password).status_code == 422


@pytest.mark.parametrize("name", ["ama", "kofi", "efua"])
def test_the_password_is_hashed_once_whoever_asks(client, ama, monkeypatch, name):
    make_person(name="efua", kind="demo")
    commands._unknown_hash()
    counted = CountingHasher(time_cost=2, memory_cost=19456, parallelism=1)
    monkeypatch.setattr(commands, "hasher", counted)
    assert sign_in(client, name=name, password="not it at all").status_code == 422
    assert (counted.verified, counted.hashed) == (1, 0)


def test_the_hash_that_unknown_names_are_compared_with_costs_the_same(ama):
    parameters = ama.password_hash.rsplit("$", 2)[0]
    assert commands._unknown_hash().startswith(f"{parameters}$")


def test_a_damaged_hash_is_a_wrong_password(client, ama):
    ama.password_hash = "$argon2id$nonsense"
    commands.db.session.commit()
    assert sign_in(client).status_code == 422


@pytest.mark.parametrize("data", [{}, {"name": "ama"}, {"password": PASSWORD}, {"name": "", "password": ""}])
def test_an_empty_field_is_pointed_at(client, ama, data):
    answer = client.post("/sign-in", data=data)
    assert answer.status_code == 422
    assert "This is needed." in answer.text


def test_the_name_stays_in_the_form_and_the_password_does_not(client, ama):
    answer = sign_in(client, password="not it at all")
    assert 'value="ama"' in answer.text
    assert "not it at all" not in answer.text


def test_a_very_long_password_is_only_a_wrong_one(client, ama):
    assert sign_in(client, password="x" * 100_000).status_code == 422


def test_signing_out_goes_to_the_first_page(client, ama):
    sign_in(client)
    assert client.post("/sign-out").location == "/"
    assert client.get("/me").status_code == 303


def test_signing_out_is_not_done_by_a_link(client, ama):
    sign_in(client)
    assert client.get("/sign-out").status_code == 405
    assert client.get("/me").status_code == 200


def test_names_are_looked_up_as_text_not_as_a_pattern(client, ama):
    for name in ("%", "a%", "___", "ama' OR '1'='1", "ama\\"):
        assert sign_in(client, name=name).status_code == 422
    assert person_named("ama").id == ama.id


class CountingHasher(PasswordHasher):
    """The real hasher, with a count of what it was asked."""

    verified = hashed = 0

    def verify(self, *args):
        self.verified += 1
        return super().verify(*args)

    def hash(self, *args, **kwargs):
        self.hashed += 1
        return super().hash(*args, **kwargs)


def without_what_differs(page: str, name: str) -> str:
    """The page without its tokens, nonces and the typed name."""
    page = re.sub(r'(name="csrf-token" content|name="csrf_token" value|"inlineScriptNonce":)="?[^"]*"', "", page)
    page = re.sub(r'"inlineScriptNonce":"[^"]*"', "", page)
    return page.replace(f'value="{name}"', "")
