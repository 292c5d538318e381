"""Opening an account."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.accounts import commands
from app.accounts.commands import NameTaken, register
from app.accounts.queries import person_named
from app.database import db
from app.groups.queries import challenge_group, is_member
from tests.factories import make_person

EASY_PASSWORDS = [
    *("", "short", "a" * 129, "aaaaaaaaaaaa", "abababababab", "1q1q1q1q1q1q", "12345678901", "9876543210"),
    *("password123", "Password!!!1", "qwertyuiop", "Qwerty123456", "iloveyou12", "asdfghjkl;'", "пароль12345"),
    *("my-ewaste-password", "E-Waste rocks!", "the challenge", "commons commons"),
]


def account(**facts: str) -> dict[str, str]:
    return {"name": "ama", "display_name": "Ama Owusu", "email": "", "password": "copper kettle maple river", **facts}


def test_who_registers_is_signed_in_and_welcomed(client):
    answer = client.post("/register", data=account(next="/ideas/new"))
    assert (answer.status_code, answer.location) == (303, "/welcome?next=/ideas/new")
    page = client.get(answer.location).text
    assert "Welcome, Ama Owusu" in page
    assert 'href="/ideas/new">Skip all' in page


def test_who_registers_belongs_to_the_challenge_group(client):
    client.post("/register", data=account())
    assert is_member(person_named("ama"), challenge_group().id)


def test_the_form_asks_for_the_password_once_and_lets_managers_fill_it(client):
    page = client.get("/register").text
    assert page.count('type="password"') == 1
    assert 'autocomplete="new-password"' in page
    assert 'data-reveal="password"' in page


def test_the_address_may_be_left_out(client):
    client.post("/register", data=account(email=""))
    assert person_named("ama").email is None


def test_the_address_is_kept_but_never_shown(client):
    client.post("/register", data=account(email="Ama@Example.org"))
    assert person_named("ama").email == "ama@example.org"
    assert "example.org" not in client.get("/u/ama").text


def test_the_same_address_twice_tells_nothing(client):
    client.post("/register", data=account(email="ama@example.org"))
    client.post("/sign-out")
    assert client.post("/register", data=account(name="kofi", email="ama@example.org")).status_code == 303


def test_a_name_in_capitals_is_kept_in_small_letters(client):
    client.post("/register", data=account(name="  AMA "))
    assert person_named("ama").display_name == "Ama Owusu"


@pytest.mark.parametrize(
    "name",
    [
        *("", "ab", "a" * 31, "ama owusu", "ama_o", "ämä", "ama.o", "../ama", "ama\n", "аma"),
        *("admin", "Moderator", "imported-ab12"),
    ],
)
def test_a_name_that_will_not_do_comes_back_with_the_reason(client, name):
    answer = client.post("/register", data=account(name=name, display_name="Kept as typed"))
    if name.strip() == "ama":
        assert answer.status_code == 303  # the space around it goes
        return
    assert answer.status_code == 422
    assert 'href="#name"' in answer.text
    assert "Kept as typed" in answer.text


@pytest.mark.parametrize("kind", ["member", "demo", "imported"])
def test_a_name_that_is_taken_is_refused(client, kind):
    make_person(name="ama", kind=kind)
    answer = client.post("/register", data=account(name="Ama"))
    assert answer.status_code == 422
    assert "This name is taken" in answer.text


def test_two_who_choose_one_name_at_the_same_moment_do_not_both_get_it(app, monkeypatch):
    monkeypatch.setattr(commands, "is_name_taken", lambda _name: False)
    register(**account())
    with pytest.raises(NameTaken):
        register(**account())
    assert person_named("ama").display_name == "Ama Owusu"


@pytest.mark.parametrize("password", EASY_PASSWORDS)
def test_a_password_that_anybody_would_try_is_refused(client, password):
    answer = client.post("/register", data=account(password=password))
    assert answer.status_code == 422
    assert 'href="#password"' in answer.text
    assert not password or f'value="{password}"' not in answer.text


def test_ones_own_name_is_no_password(client):
    assert client.post("/register", data=account(name="amaowusu", password="Amaowusu 1 2 3")).status_code == 422


@pytest.mark.parametrize(
    "password",
    [
        "copper kettle maple river",
        "  spaces at both ends  ",
        "e\u0301 decomposed stays",
        "🔋🔌📱💻🖥️🖨️⌨️🖱️💾📀",
        "x7" + "ab-3" * 31 + "zz",
        "tab\there and there",
    ],
)
def test_a_password_is_kept_exactly_as_typed(client, password):
    assert client.post("/register", data=account(password=password)).status_code == 303
    client.post("/sign-out")
    assert client.post("/sign-in", data={"name": "ama", "password": password.strip() + "x"}).status_code == 422
    assert client.post("/sign-in", data={"name": "ama", "password": password}).status_code == 303


@pytest.mark.parametrize(
    "email", ["ama", "ama@", "@example.org", "a b@example.org", "ama@example.org\nBcc: all@example.org", "x" * 300]
)
def test_a_malformed_address_comes_back_with_the_reason(client, email):
    answer = client.post("/register", data=account(email=email))
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text


@pytest.mark.parametrize(
    "extra", [{"is_admin": "1"}, {"is_moderator": "y"}, {"kind": "demo"}, {"id": "1"}, {"asks_a_week": "3"}]
)
def test_nobody_gives_themselves_more_than_the_form_asks(client, extra: dict[str, Any]):
    client.post("/register", data=account(**extra))
    person = person_named("ama")
    assert (person.is_admin, person.is_moderator, person.kind, person.may_be_asked) == (False, False, "member", False)


def test_passwords_are_stored_as_argon2id(client):
    client.post("/register", data=account())
    assert person_named("ama").password_hash.startswith("$argon2id$")


def test_who_is_signed_in_is_sent_on_from_the_form(client_for):
    answer = client_for(make_person()).get("/register?next=/people")
    assert (answer.status_code, answer.location) == (303, "/people")


def test_the_welcome_page_keeps_what_was_answered(client):
    client.post("/register", data=account())
    answers = {"roles": ["teacher"], "topics": ["batteries", "education"], "languages": ["en", "fr"], "country": "GH"}
    answer = client.post("/welcome", data={**answers, "asks_a_week": "3", "next": "/ideas"})
    assert (answer.status_code, answer.location) == (303, "/ideas")
    person = person_named("ama")
    assert [role.id for role in person.roles] == ["teacher"]
    assert {topic.id for topic in person.topics} == {"batteries", "education"}
    assert (person.languages, person.country, person.may_be_asked) == (["en", "fr"], "GH", True)


def test_every_question_of_the_welcome_page_may_be_skipped(client):
    client.post("/register", data=account())
    assert client.post("/welcome", data={}).location == "/"
    db.session.expire_all()
    assert person_named("ama").may_be_asked is False


def test_the_welcome_page_shown_again_keeps_what_was_said_before(client_for):
    said = {"roles": ["teacher"], "topics": ["batteries"], "languages": ["fr"], "country": "GH"}
    person = make_person(**said, asks_a_week=3, is_for_groups_only=True)
    browser = client_for(person)
    page = browser.get("/welcome").text
    for value in ("teacher", "batteries", "fr", "3"):
        assert f'value="{value}" checked' in page
    assert re.search('<input[^>]* checked[^>]* name="is_for_groups_only"', page)
    assert '<option selected value="GH">' in page
    assert "Topics you know or care about" in page


def test_an_unknown_role_on_the_welcome_page_is_refused(client):
    client.post("/register", data=account())
    answer = client.post("/welcome", data={"roles": "emperor", "next": "/ideas"})
    assert answer.status_code == 422
    assert 'name="next" value="/ideas"' in answer.text


def test_guests_are_asked_to_sign_in_before_the_welcome_page(client):
    assert client.get("/welcome").location == "/sign-in?next=/welcome"


def test_whoever_is_here_to_answer_is_led_to_the_queue(client):
    assert 'value="answer" checked' in client.get("/register?to=answer").text
    answer = client.post("/register", data=account(comes_to="answer"))
    assert answer.location == "/welcome?next=/queue"
    assert person_named("ama").is_here_to_answer is True
    page = client.get("/welcome").text
    assert 'value="0" checked' in page
    assert "Choosing how often you may be asked is what lets questions find you." in page
    client.post("/sign-out")
    assert client.post("/sign-in", data={"name": "ama", "password": account()["password"]}).location == "/queue"


def test_everyone_else_begins_at_the_page_that_they_came_from(client):
    assert client.post("/register", data=account(next="/ideas")).location == "/welcome?next=/ideas"
    assert person_named("ama").is_here_to_answer is False
