"""Everyone chooses what comes by mail, and when."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from app.database import db, transaction
from app.notices.mails import mail_choice
from app.notices.models import DEFAULT_MODES
from tests.factories import make_person

MODES = {f"mode_{kind}": mode for kind, mode in DEFAULT_MODES.items()}
FORM = MODES | {
    "time_zone": "Africa/Accra",
    "digest_hour": "18",
    "digest_weekday": "4",
    "quiet_from": "22",
    "quiet_until": "7",
}


def choice_of(person):
    db.session.rollback()
    db.session.expire_all()
    return mail_choice(person.id)


def test_a_choice_is_kept_and_shown_again(client_for):
    person = make_person()
    client = client_for(person)
    answer = client.post("/me/notices", data=FORM | {"mode_thanks": "weekly", "mode_answers": "off"})
    assert (answer.status_code, answer.location) == (303, "/me/notices")
    choice = choice_of(person)
    assert choice.modes == {"thanks": "weekly", "answers": "off"}
    assert (choice.time_zone, choice.digest_hour, choice.digest_weekday) == ("Africa/Accra", 18, 4)
    assert (choice.quiet_from, choice.quiet_until, choice.is_off) == (22, 7, False)
    page = client.get("/me/notices").text
    assert '<option selected value="Africa/Accra">' in page
    assert '<option selected value="18">18:00' in page


def test_the_defaults_are_shown_before_anything_is_chosen(client_for):
    page = client_for(make_person()).get("/me/notices").text
    assert '<option selected value="UTC">UTC' in page
    assert '<optgroup label="Africa"><option value="Africa/Abidjan">Abidjan' in page
    assert page.count('<option selected value="at_once">') == 5
    assert page.count('<option selected value="off">') == 1


def test_a_time_zone_has_one_name_unless_an_older_one_was_chosen(client_for):
    person = make_person()
    browser = client_for(person)
    page = browser.get("/me/notices").text
    assert ("Asia/Ashgabat" in page, 'value="Asia/Ashkhabad"' in page) == (True, False)
    assert re.search('<option data-also="[^"]*Asia/Calcutta[^"]*" value="Asia/Kolkata">', page)
    assert browser.post("/me/notices", data=FORM | {"time_zone": "Asia/Ashkhabad"}).status_code == 422
    browser.post("/me/notices", data=FORM)
    with transaction():
        mail_choice(person.id).time_zone = "Asia/Ashkhabad"
    assert '<option selected value="Asia/Ashkhabad">' in browser.get("/me/notices").text
    assert browser.post("/me/notices", data=FORM | {"time_zone": "Asia/Ashkhabad"}).status_code == 303


def test_all_mail_can_be_switched_off_and_what_was_chosen_stays(client_for):
    person = make_person()
    client = client_for(person)
    client.post("/me/notices", data=FORM | {"is_off": "y"})
    assert choice_of(person).mode_of("answers") == "off"
    assert '<option selected value="at_once">' in client.get("/me/notices").text
    client.post("/me/notices", data=FORM)
    assert choice_of(person).mode_of("answers") == "at_once"


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"time_zone": "../../etc/passwd"}, "time_zone"),
        ({"digest_hour": "24"}, "digest_hour"),
        ({"digest_hour": "seven"}, "digest_hour"),
        ({"digest_weekday": "7"}, "digest_weekday"),
        ({"mode_answers": "hourly"}, "mode_answers"),
        ({"quiet_from": ""}, "quiet_until"),
        ({"quiet_from": "7"}, "quiet_until"),
    ],
)
def test_what_cannot_be_comes_back(client_for, typed, field):
    person = make_person()
    answer = client_for(person).post("/me/notices", data=FORM | typed)
    assert answer.status_code == 422
    assert f'href="#{field}"' in answer.text
    assert choice_of(person).time_zone == "UTC"


def test_quiet_hours_can_be_left_out(client_for):
    person = make_person()
    client_for(person).post("/me/notices", data=FORM | {"quiet_from": "", "quiet_until": ""})
    assert choice_of(person).quiet_from is None


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({}, "you have given no address"),
        ({"email": "ama@example.org"}, "is not confirmed"),
        ({"email": "ama@example.org", "email_confirmed_at": datetime(2026, 1, 1, tzinfo=UTC)}, "Mails go to"),
    ],
)
def test_the_page_says_whether_mail_can_come_at_all(client_for, facts, told):
    page = client_for(make_person(**facts)).get("/me/notices").text
    assert told in page
    assert 'href="/me/mail"' in page


def test_a_guest_is_asked_to_sign_in(client):
    assert client.get("/me/notices").location.startswith("/sign-in")
    assert client.post("/me/notices", data=FORM).location.startswith("/sign-in")


def test_the_page_costs_few_queries(client_for, count_queries):
    client = client_for(make_person())
    client.get("/me/notices")
    count_queries.clear()
    client.get("/me/notices")
    assert len([each for each in count_queries if each.startswith("SELECT")]) <= 4
