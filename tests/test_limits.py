"""Trying passwords, names and forms again and again is slowed down, whichever process answers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from app import create_app
from app.accounts.commands import register
from app.database import db, now
from app.limits import DatabaseStorage, RateCount
from tests.factories import make_answer

pytestmark = pytest.mark.long

PASSWORD = "copper kettle maple river"


@pytest.fixture
def make_process(app):
    """Another process of the same site, with its limits on; they are off elsewhere in the tests."""
    processes = []

    def make(**settings):
        process = create_app(replace(app.config["COMMONS"], rate_limits=True, **settings))
        process.config.update(WTF_CSRF_ENABLED=False, PROPAGATE_EXCEPTIONS=True)
        process.test_client_class = app.test_client_class
        processes.append(process)
        return process

    yield make
    for process in processes:
        with process.app_context():
            db.engine.dispose()


@pytest.fixture
def visitor(make_process):
    """A browser that asks a site with limits."""
    register(name="ama", display_name="Ama", email=None, password=PASSWORD)
    return make_process().test_client()


@pytest.fixture
def storage(app):
    return DatabaseStorage("commons://")


def try_to_sign_in(client, name="ama", password="not it at all", address="192.0.2.1", **headers):
    return client.post(
        "/sign-in",
        data={"name": name, "password": password},
        headers=headers,
        environ_overrides={"REMOTE_ADDR": address},
    )


def test_the_eleventh_try_for_one_name_is_refused_from_wherever_it_comes(visitor):
    answers = [try_to_sign_in(visitor, address=f"192.0.2.{number}").status_code for number in range(11)]
    assert answers == [422] * 10 + [429]


def test_the_eleventh_try_from_one_address_is_refused_for_whomever_it_is(visitor):
    answers = [try_to_sign_in(visitor, name=f"name-{number}").status_code for number in range(11)]
    assert answers == [422] * 10 + [429]
    assert try_to_sign_in(visitor, name="kofi", address="192.0.2.2").status_code == 422


def test_a_name_typed_in_many_ways_is_one_name(visitor):
    spellings = ["ama", "AMA", " ama", "ama ", "Ama", "aMa", "amA", "\tama", "ama\n", "AmA"]
    for number, name in enumerate(spellings):
        assert try_to_sign_in(visitor, name=name, address=f"192.0.2.{number}").status_code == 422
    assert try_to_sign_in(visitor, address="198.51.100.1").status_code == 429


def test_the_right_password_does_not_help_after_too_many_tries(visitor):
    for number in range(10):
        try_to_sign_in(visitor, address=f"192.0.2.{number}")
    assert try_to_sign_in(visitor, password=PASSWORD, address="198.51.100.1").status_code == 429


def test_a_refusal_says_when_to_come_back(visitor):
    for _ in range(10):
        try_to_sign_in(visitor)
    answer = try_to_sign_in(visitor)
    assert 0 < int(answer.headers["Retry-After"]) <= 300
    assert "<h1>A little slower, please</h1>" in answer.text
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_after_five_minutes_one_may_try_again(visitor):
    for _ in range(11):
        try_to_sign_in(visitor)
    with time_machine.travel(now() + timedelta(minutes=5, seconds=1)):
        assert try_to_sign_in(visitor, password=PASSWORD).status_code == 303


def test_reading_the_form_is_not_counted(visitor):
    assert {visitor.get("/sign-in").status_code for _ in range(30)} == {200}
    assert try_to_sign_in(visitor).status_code == 422


def test_an_address_that_is_missing_or_strange_is_counted_too(visitor):
    for address in (None, "", "unix:", "::1", "x" * 500):
        answers = {
            try_to_sign_in(visitor, name=f"{address}"[:9] + str(number), address=address).status_code
            for number in range(3)
        }
        assert answers <= {422, 429}


def test_what_a_visitor_says_of_their_address_is_not_believed(visitor):
    forged = [{"X-Forwarded-For": f"198.51.100.{number}", "X-Real-IP": f"198.51.100.{number}"} for number in range(11)]
    answers = [
        try_to_sign_in(visitor, name=f"name-{number}", **headers).status_code for number, headers in enumerate(forged)
    ]
    assert answers[-1] == 429


def test_behind_one_proxy_its_word_is_taken_and_no_other(make_process):
    behind = make_process(proxy_hops=1).test_client()
    forwarded = [f"{number}.{number}.{number}.{number}, 198.51.100.7" for number in range(11)]
    answers = [
        try_to_sign_in(behind, name=f"name-{number}", address="10.0.0.1", **{"X-Forwarded-For": header}).status_code
        for number, header in enumerate(forwarded)
    ]
    assert answers == [422] * 10 + [429]
    other = {"X-Forwarded-For": "1.1.1.1, 198.51.100.8"}
    assert try_to_sign_in(behind, name="kofi", address="10.0.0.1", **other).status_code == 422


def test_all_processes_count_together(make_process):
    browsers = [make_process().test_client() for _ in range(2)]
    answers = [try_to_sign_in(browsers[number % 2]).status_code for number in range(11)]
    assert answers == [422] * 10 + [429]


def test_ten_accounts_an_hour_come_from_one_address(visitor):
    def open_account(number, address="192.0.2.1"):
        facts = {"name": f"name-{number}", "display_name": "Someone", "password": PASSWORD}
        visitor.delete_cookie("commons")
        return visitor.post("/register", data=facts, environ_overrides={"REMOTE_ADDR": address}).status_code

    assert [open_account(number) for number in range(11)] == [303] * 10 + [429]
    assert open_account(11, address="192.0.2.2") == 303


def test_the_present_password_cannot_be_guessed_from_an_open_session(visitor):
    try_to_sign_in(visitor, password=PASSWORD)
    guess = {"present": "not it at all", "new": "seven paper boats adrift"}
    assert [visitor.post("/me/password", data=guess).status_code for _ in range(11)] == [422] * 10 + [429]


def test_a_very_long_name_is_counted_under_a_short_key(visitor):
    try_to_sign_in(visitor, name="x" * 100_000)
    assert max(len(key) for key in db.session.scalars(select(RateCount.key))) < 200


def test_a_site_without_limits_stays_without_them_beside_one_that_has_them(visitor, client):
    assert {try_to_sign_in(client).status_code for _ in range(12)} == {422}


def test_health_is_asked_as_often_as_one_likes(visitor):
    assert {visitor.get("/healthz").status_code for _ in range(50)} == {200}


def test_no_hit_is_lost_when_many_come_at_once(app, storage):
    def hit(_number):
        with app.app_context():
            return storage.incr("key", 60)

    with ThreadPoolExecutor(4) as threads:
        counts = sorted(threads.map(hit, range(80)))
    assert counts == list(range(1, 81))
    assert storage.get("key") == 80


def test_a_window_that_is_over_starts_again(storage):
    assert [storage.incr("key", 60) for _ in range(3)] == [1, 2, 3]
    with time_machine.travel(now() + timedelta(seconds=61)):
        assert storage.get("key") == 0
        assert storage.incr("key", 60) == 1


def test_the_end_of_a_window_does_not_move_with_each_hit(storage):
    storage.incr("key", 60)
    first = storage.get_expiry("key")
    with time_machine.travel(now() + timedelta(seconds=30)):
        storage.incr("key", 60)
    assert storage.get_expiry("key") == first
    assert first == pytest.approx(time.time() + 60, abs=5)


def test_counts_that_ended_long_ago_are_cleared_away(storage):
    storage.incr("old", 60)
    with time_machine.travel(now() + timedelta(hours=2)):
        storage.incr("new", 60)
    assert db.session.scalars(select(RateCount.key)).all() == ["new"]


def test_counts_can_be_cleared(storage):
    storage.incr("one", 60)
    storage.incr("two", 60)
    storage.clear("one")
    assert (storage.get("one"), storage.get("two")) == (0, 1)
    assert storage.reset() == 1
    assert storage.get("two") == 0
    assert storage.check()


def test_on_the_first_day_three_ideas_are_published_and_looking_again_is_free(visitor):
    try_to_sign_in(visitor, password=PASSWORD)
    idea = {"problem": "Pupils throw batteries into the bin.", "language": "en", "country": ""}
    moment = now()
    for number in range(4):
        with time_machine.travel(moment + timedelta(minutes=number + 1), tick=False):
            named = idea | {"title": f"Boxes for batteries, number {number}"}
            preview = visitor.post("/ideas", data=named | {"preview": "1"})
            assert preview.status_code == 200
            assert named["title"] in preview.text
            answer = visitor.post("/ideas", data=named)
            assert answer.status_code == (303 if number < 3 else 429)
    assert "At most 3 per day" in answer.text
    assert named["title"] in answer.text


def test_comments_on_a_question_and_on_its_answers_are_counted_together(visitor):
    answer = make_answer()
    on_question, on_answer = f"/posts/{answer.question_id}/comments", f"/answers/{answer.id}/comments"
    try_to_sign_in(visitor, password=PASSWORD)
    moment = now()
    for number in range(11):
        with time_machine.travel(moment + timedelta(minutes=number + 1), tick=False):
            path = on_answer if number % 2 else on_question
            assert visitor.post(path, data={"body": ""}).status_code == (422 if number < 10 else 429)
            assert visitor.post(path, data={"body": "Which gate?"}).status_code == (303 if number < 10 else 429)
            if number == 0:
                assert visitor.post(on_answer, data={"body": "Which gate?"}).status_code == 429
