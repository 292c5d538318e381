"""Mails go only to an address whose reader has said so."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.accounts.commands import send_confirmation
from app.accounts.models import User
from app.accounts.queries import person_named
from app.database import db, transaction
from app.mail.models import Mail
from tests.factories import make_person

ACCOUNT = {"name": "ama", "display_name": "Ama Owusu", "password": "copper kettle maple river"}


def mails():
    db.session.rollback()
    return db.session.scalars(select(Mail).order_by(Mail.id)).all()


def link():
    """The path in the last mail."""
    return re.search(r"http://[^/]+(/me/mail/confirmations/\S+)", mails()[-1].text)[1]


def confirmed_at(person):
    db.session.rollback()
    return db.session.get(User, person.id, populate_existing=True).email_confirmed_at


def test_who_registers_with_an_address_is_asked_to_confirm_it(client, run_jobs, mail_server):
    client.post("/register", data=ACCOUNT | {"email": "Ama@example.org"})
    run_jobs()
    (message,) = mail_server.messages
    assert message["To"] == "ama@example.org"
    assert message["Subject"] == "Confirm your e-mail address"
    assert link() in message.get_body(("plain",)).get_content()
    assert link() in message.get_body(("html",)).get_content()
    assert person_named("ama").email_confirmed_at is None


def test_who_registers_without_one_gets_no_mail(client):
    client.post("/register", data=ACCOUNT | {"email": ""})
    assert mails() == []


def test_the_link_confirms_after_a_press_even_when_signed_out(app, client):
    client.post("/register", data=ACCOUNT | {"email": "ama@example.org"})
    reader = app.test_client()
    page = reader.get(link())
    assert page.status_code == 200
    assert "@ama" in page.text
    assert confirmed_at(person_named("ama")) is None
    assert reader.post(link()).status_code == 303
    assert confirmed_at(person_named("ama")) is not None
    assert "is confirmed" in reader.get(link()).text
    assert "is confirmed" in client.get("/me/mail").text


@pytest.mark.parametrize(
    "spoil", [lambda path: path[:-1] + "!", lambda path: path + "a", lambda _: "/me/mail/confirmations/x"]
)
def test_a_link_that_was_tampered_with_is_not_found(client_for, spoil):
    person = make_person(email="ama@example.org")
    client_for(person).post("/me/mail/links")
    assert client_for(person).get(spoil(link())).status_code == 404
    assert client_for(person).post(spoil(link())).status_code == 404
    assert confirmed_at(person) is None


def test_a_link_is_good_for_three_days(client_for):
    person = make_person(email="ama@example.org")
    client_for(person).post("/me/mail/links")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4), tick=False):
        assert client_for(person).post(link()).status_code == 410
    assert confirmed_at(person) is None


def test_a_link_of_an_earlier_address_confirms_nothing(client_for):
    person = make_person(email="ama@example.org")
    client = client_for(person)
    client.post("/me/mail/links")
    early = link()
    client.post("/me/mail", data={"email": "ama@work.example"})
    assert client.post(early).status_code == 404
    assert client.post(link()).status_code == 303
    assert confirmed_at(person) is not None


def test_a_link_that_waits_is_sent_only_while_it_can_confirm_something(app, client_for, mail_server, run_jobs):
    changed, confirmed, slow = (make_person(email=f"ama-{number}@example.org") for number in range(3))
    for person in (changed, confirmed, slow):
        client_for(person).post("/me/mail/links")
    client_for(changed).post("/me/mail", data={"email": ""})
    with transaction():
        db.session.get_one(User, confirmed.id).email_confirmed_at = datetime(2026, 1, 1, tzinfo=UTC)
    run_jobs()
    assert mail_server.recipients == ["ama-2@example.org"]
    client_for(slow).post("/me/mail/links")
    with time_machine.travel(datetime.now(UTC) + timedelta(days=4), tick=False):
        run_jobs()
    assert mail_server.recipients == ["ama-2@example.org"]


def test_another_address_has_to_be_confirmed_anew(client_for):
    person = make_person(email="ama@example.org", email_confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = client_for(person)
    client.post("/me/mail", data={"email": "AMA@example.org"})
    assert confirmed_at(person) is not None
    client.post("/me/mail", data={"email": "ama@work.example"})
    assert confirmed_at(person) is None
    assert [mail.to_address for mail in mails()] == ["ama@work.example"]
    client.post("/me/mail", data={"email": ""})
    assert db.session.get(User, person.id, populate_existing=True).email is None


def test_one_address_gets_no_more_than_three_links_whoever_asks(app, client_for):
    for _ in range(2):
        client = client_for(make_person(email="ama@example.org"))
        answers = {client.post("/me/mail/links").status_code for _ in range(3)}
        assert answers == {303}
    assert len(mails()) == 3


def test_the_page_says_when_no_link_is_sent(client_for):
    client = client_for(make_person(email="ama@example.org"))
    for _ in range(3):
        assert "on its way" in client.post("/me/mail/links", follow_redirects=True).text
    page = client.post("/me/mail/links", follow_redirects=True).text
    assert "on its way" not in page
    assert "No link was sent" in page


def test_a_known_address_gives_the_same_answer_as_an_unknown_one(client_for):
    make_person(email="kofi@example.org", email_confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))
    client = client_for(make_person())
    known = client.post("/me/mail", data={"email": "kofi@example.org"}, follow_redirects=True)
    unknown = client.post("/me/mail", data={"email": "abla@example.org"}, follow_redirects=True)
    strip = re.compile(r"kofi@example.org|abla@example.org|nonce-?[\w\":,-]+|inlineScriptNonce\":\"[^\"]+|csrf[^>]+>")
    assert strip.sub("", known.text) == strip.sub("", unknown.text)


@pytest.mark.parametrize("address", ["ama", "ama@", "ama@example", "a b@example.org", "a" * 250 + "@example.org"])
def test_what_is_no_address_comes_back(client_for, address):
    answer = client_for(make_person()).post("/me/mail", data={"email": address})
    assert answer.status_code == 422
    assert 'href="#email"' in answer.text
    assert f'value="{address}"' in answer.text


@pytest.mark.parametrize(("path", "facts"), [("/register", ACCOUNT), ("/me/mail", {})])
def test_an_address_that_few_servers_take_is_refused_with_the_reason(client, client_for, path, facts):
    sender = client if path == "/register" else client_for(make_person())
    answer = sender.post(path, data=facts | {"email": "jürgen@example.org"})
    assert answer.status_code == 422
    assert "plain letters (a to z) before the @" in answer.text
    assert "does not look like" not in answer.text
    assert mails() == []


@pytest.mark.parametrize("path", ["/me/mail", "/me/mail/links"])
def test_a_guest_is_asked_to_sign_in(client, path):
    assert client.post(path, data={"email": "ama@example.org"}).location.startswith("/sign-in")


def test_an_address_from_before_that_no_mail_reaches_is_refused_in_words(client_for):
    person = make_person(email="jürgen@example.org")
    answer = client_for(person).post("/me/mail/links")
    assert answer.status_code == 422
    assert "No mail of ours reaches your address" in answer.text
    assert mails() == []


def test_the_address_is_not_blamed_for_what_else_no_mail_can_hold(app, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("linefeed in a header")

    monkeypatch.setattr("app.accounts.commands.queue_mail", refuse)
    with pytest.raises(ValueError, match="linefeed"):
        send_confirmation(make_person(email="ama@example.org"))
