"""One click in a mail stops its kind, for whoever holds the mail and for nobody else."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from app.database import db, now, transaction
from app.jobs.commands import run_all_jobs
from app.mail.models import Mail
from app.notices.commands import choose_mail
from app.notices.mails import mail_choice, unsubscription_token
from app.notices.models import MailChoice
from app.notices.tasks import mail_everybody
from tests.factories import make_answer, make_person, make_question

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


def make_reader():
    return make_person(email="ama@example.org", email_confirmed_at=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def reader(app):
    """Someone who got a mail about an answer."""
    person = make_reader()
    make_answer(make_question(by=person))
    run_all_jobs()
    return person


def path_in_mail():
    header = db.session.scalars(select(Mail.headers).order_by(Mail.id.desc())).first()["List-Unsubscribe"]
    return re.fullmatch(r"<http://127\.0\.0\.1:8000(/unsubscribe/[^>]+)>", header)[1]


def mode_of(kind, person):
    db.session.rollback()
    db.session.expire_all()
    return mail_choice(person.id).mode_of(kind)


def test_one_click_stops_the_kind_without_a_cookie_a_form_or_a_redirect(app, reader, client, monkeypatch):
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    answer = client.post(path_in_mail(), data=ONE_CLICK)
    assert answer.status_code == 200
    assert mode_of("answers", reader) == "off"
    assert mode_of("mentions", reader) == "at_once"
    make_answer(make_question(by=db.session.merge(reader)))
    run_all_jobs()
    assert len(db.session.scalars(select(Mail)).all()) == 1


def test_one_click_may_be_sent_as_several_parts(reader, client):
    assert client.post(path_in_mail(), data=ONE_CLICK, content_type="multipart/form-data").status_code == 200
    assert mode_of("answers", reader) == "off"


def test_clicking_twice_is_clicking_once(reader, client):
    for _ in range(2):
        assert client.post(path_in_mail(), data=ONE_CLICK).status_code == 200
    assert mode_of("answers", reader) == "off"


def test_opening_the_page_changes_nothing_and_its_button_does(reader, client):
    for method in (client.get, client.head):
        assert method(path_in_mail()).status_code == 200
    assert mode_of("answers", reader) == "at_once"
    page = client.get(path_in_mail()).text
    assert "Answers to what you asked" in page
    assert f'action="{path_in_mail()}" method="post"' in page
    assert "You get no mails of this kind any more." in client.post(path_in_mail()).text


def test_the_page_tells_a_stranger_nothing_of_whose_mail_it_is(reader, client):
    page = client.get(path_in_mail()).text
    token = path_in_mail().rpartition("/")[2].partition(".")[0]
    content = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode()
    for told in (page, content):
        assert "ama@example.org" not in told
        assert reader.name not in told
        assert reader.display_name not in told
    assert str(reader.id) not in re.sub(r'"[^"]*"', "", content, count=1)


def test_it_can_be_turned_back_on_from_the_same_page(reader, client):
    client.post(path_in_mail(), data=ONE_CLICK)
    assert f"{path_in_mail()}/withdrawal" in client.get(path_in_mail()).text
    assert client.post(f"{path_in_mail()}/withdrawal").status_code == 303
    assert mode_of("answers", reader) == "at_once"
    assert "This stops mails on:" in client.get(path_in_mail()).text


@pytest.fixture
def digest_reader(app):
    """Someone who got a digest, of answers."""
    reader = make_reader()
    choose(reader, modes={"answers": "daily"})
    make_answer(make_question(by=reader))
    run_all_jobs()
    with time_machine.travel(now() + timedelta(days=1), tick=False):
        mail_everybody()
        run_all_jobs()
    return reader


def choose(person, **facts):
    hours = {"quiet_from": None, "quiet_until": None, "digest_hour": 7, "digest_weekday": 0}
    with transaction():
        choose_mail(person, by=person, **{"is_off": False, "time_zone": "UTC", **hours, **facts})


def modes_of(person):
    return {kind: mode_of(kind, person) for kind in ("answers", "comments", "changes", "followed", "mentions")}


def test_a_digest_stops_digests(digest_reader, client):
    path = path_in_mail()
    client.post(path, data=ONE_CLICK)
    off = dict.fromkeys(("answers", "comments", "changes", "followed"), "off")
    assert modes_of(digest_reader) == {**off, "mentions": "at_once"}
    client.post(f"{path}/withdrawal")
    daily = dict.fromkeys(("answers", "comments", "changes"), "daily")
    assert modes_of(digest_reader) == {**daily, "followed": "weekly", "mentions": "at_once"}


def test_what_came_to_be_in_digests_later_stops_and_comes_back_with_them(digest_reader, client):
    choose(digest_reader, modes={"mentions": "weekly", "followed": "off"})
    path, before = path_in_mail(), modes_of(digest_reader)
    assert "When someone names you" in client.get(path).text
    page = client.post(path, data=ONE_CLICK).text
    assert "When someone names you" in page
    assert "New from topics" not in page
    assert set(modes_of(digest_reader).values()) == {"off"}
    client.post(path, data=ONE_CLICK)
    client.post(f"{path}/withdrawal")
    assert modes_of(digest_reader) == before


def test_turning_back_on_leaves_what_the_person_chose_since(digest_reader, client):
    path = path_in_mail()
    client.post(path, data=ONE_CLICK)
    chosen = {"answers": "weekly", "comments": "off", "changes": "off", "followed": "off", "mentions": "at_once"}
    choose(digest_reader, modes=chosen)
    client.post(f"{path}/withdrawal")
    assert modes_of(digest_reader) == chosen
    choose(digest_reader, modes={"answers": "off"})
    page = client.get(path).text
    assert "You get no digests any more." in page
    assert "withdrawal" not in page


def test_the_link_works_years_later(reader, client):
    path = path_in_mail()
    with time_machine.travel(now() + timedelta(days=2000), tick=False):
        assert client.post(path, data=ONE_CLICK).status_code == 200
    assert mode_of("answers", reader) == "off"


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_was_tampered_with_is_not_found(app, reader, client, method):
    token = path_in_mail().rpartition("/")[2]
    body, _dot, signature = token.rpartition(".")
    other = unsubscription_token(MailChoice.default(reader.id), {"mentions": "at_once"})
    wrong = [
        token[:-2] + ("A" if token[-2] != "A" else "B") + token[-1],
        token[1:],
        body,
        f"{other.rpartition('.')[0]}.{signature}",
        other,  # signed by us, for a person who is not there
        "x",
    ]
    for each in wrong:
        assert getattr(client, method)(f"/unsubscribe/{each}").status_code == 404
        assert client.post(f"/unsubscribe/{each}/withdrawal").status_code == 404
    assert mode_of("answers", reader) == "at_once"
    assert mode_of("mentions", reader) == "at_once"


def test_one_person_cannot_stop_the_mails_of_another(app, reader, client_for):
    path, other = path_in_mail(), make_person(email="kofi@example.org", email_confirmed_at=now())
    make_answer(make_question(by=other))
    run_all_jobs()
    client_for(other).post(path_in_mail(), data=ONE_CLICK)
    assert path_in_mail() != path
    assert mode_of("answers", other) == "off"
    assert mode_of("answers", reader) == "at_once"


def test_turning_back_on_needs_our_form(app, reader, client, monkeypatch):
    client.post(path_in_mail(), data=ONE_CLICK)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", True)
    client.post(f"{path_in_mail()}/withdrawal")
    assert mode_of("answers", reader) == "off"


def test_the_page_is_not_kept_for_others(reader, client):
    assert client.get(path_in_mail()).headers["Cache-Control"] == "no-store"
