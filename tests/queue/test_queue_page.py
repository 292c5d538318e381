"""The queue: what waits for one person, in which order and why, and nothing that they may not see."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.database import db, now, transaction
from app.expertise.commands import lower_field
from app.forum.commands import delete_post
from app.moderation.commands import hide_post
from app.questions.commands import accept_answer
from app.queue import queries
from app.queue.commands import claim_question, pass_question, put_to
from app.queue.models import Escalation
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
)

FITTING = "Which fire box holds three swollen phone batteries?"


def expert(**facts):
    return make_person(**{"topics": ["batteries"], "asks_a_week": 3, **facts})


def titles(page) -> list[str]:
    return re.findall(r'<h3 class="row-title"><a href="/questions/[^>]*>([^<]*)</a>', page.text)


def test_a_question_in_ones_field_stands_there_with_each_part_named(client_for):
    make_question(title=FITTING, topics=["batteries"], country="GH", roles=["recycler"])
    page = client_for(expert(roles=["recycler"])).get("/queue")
    assert titles(page) == [FITTING]
    for words in (
        "Can be answered now",
        "says where",
        "Need",
        "nobody is on it",
        "Fit",
        "one of your fields: Batteries",
    ):
        assert words in page.text
    assert "asks your role: Recycler" in page.text


def test_what_can_be_answered_and_waits_longer_comes_first(client_for):
    bare = make_question(title="Something about batteries, please?", body="", topics=["batteries"])
    rich = make_question(
        title=FITTING,
        body="We keep them in a tin of sand now. " * 6,
        topics=["batteries"],
        country="GH",
        published_at=now() - timedelta(hours=40),
    )
    assert titles(client_for(expert()).get("/queue")) == [rich.title, bare.title]


def test_what_the_person_does_not_read_or_hardly_knows_does_not_fit(client_for):
    make_question(title="¿Quién recoge baterías hinchadas en Lima?", topics=["batteries"], language="es")
    make_question(title=FITTING, topics=["batteries"])
    passed_often = expert()
    assert titles(client_for(passed_often).get("/queue")) == [FITTING]
    for _ in range(2):
        lower_field(passed_often, ["batteries"])
    page = client_for(passed_often).get("/queue")
    assert titles(page) == []
    assert "Nothing waits in your fields" in page.text


def test_what_somebody_else_is_on_comes_after_what_nobody_is_on(client_for):
    taken, free = make_question(title=FITTING, topics=["batteries"]), make_question(topics=["batteries"])
    claim_question(taken, by=make_person())
    assert titles(client_for(expert()).get("/queue")) == [free.title, taken.title]


def test_own_answered_passed_closed_and_accepted_ones_are_left_out(client_for):
    person, other = expert(), make_person()
    make_question(by=person, title="My own question on batteries?", topics=["batteries"])
    make_answer(make_question(title="Answered by me on batteries?", topics=["batteries"]), by=person)
    pass_question(make_question(title="Passed by me on batteries?", topics=["batteries"]), by=person)
    helped = make_question(title="Helped already with batteries?", topics=["batteries"])
    accept_answer(make_answer(helped, by=other), by=helped.author)
    assert titles(client_for(person).get("/queue")) == []


@pytest.mark.parametrize("vanish", [hide_post, None])
def test_hidden_and_deleted_ones_are_in_no_queue(client_for, vanish):
    question = make_question(title=FITTING, topics=["batteries"])
    person = expert()
    if vanish:
        vanish(question, by=make_moderator(), reason="Unsafe advice was asked for.")
    else:
        delete_post(question, by=question.author)
    assert titles(client_for(person).get("/queue")) == []
    assert titles(client_for(make_moderator(topics=["batteries"])).get("/queue")) == []


def test_a_private_question_is_in_the_queues_of_its_group_alone(client_for):
    member, fellow = make_person(), expert()
    group = make_private_group(member, fellow)
    make_question(by=member, group=group, title=FITTING, topics=["batteries"])
    assert titles(client_for(fellow).get("/queue")) == [FITTING]
    assert titles(client_for(expert()).get("/queue")) == []


def test_what_was_put_to_me_and_what_i_am_on_stand_first(client_for):
    person = expert(name="ama")
    asked = make_question(title="Put to Ama: which box for batteries?", topics=["batteries"])
    mine = make_question(title="Claimed by Ama: which tin for batteries?", topics=["batteries"])
    make_question(title=FITTING, topics=["batteries"])
    put_to(asked, name="ama", by=asked.author, line="You wrote about tins.")
    claim_question(mine, by=person)
    page = client_for(person).get("/queue")
    assert titles(page) == [mine.title, asked.title, FITTING]
    assert "You wrote about tins." in page.text


def test_others_see_who_is_on_it(client_for):
    question = make_question(title=FITTING, topics=["batteries"])
    claim_question(question, by=make_person(display_name="Kofi Boateng"))
    page = client_for(expert()).get("/queue")
    assert "Kofi Boateng</bdi> is on it" in page.text
    assert f'action="/questions/{question.id}/claim"' not in page.text


def test_what_was_put_to_me_and_another_is_on_says_so(client_for):
    question, person = make_question(title=FITTING, topics=["batteries"]), expert(name="ama")
    put_to(question, name="ama", by=question.author)
    claim_question(question, by=make_person(display_name="Kofi Boateng"))
    page = client_for(person).get("/queue").text
    assert "Kofi Boateng</bdi> is on it" in page
    assert f'action="/questions/{question.id}/claim"' not in page


def test_what_nobody_answers_stands_once_with_whoever_is_on_it(client_for):
    question, fitting, moderator = make_question(), make_question(topics=["batteries"]), make_moderator()
    with transaction():
        db.session.add_all(Escalation(question_id=each.id, stage=2) for each in (question, fitting))
    claim_question(question, by=moderator)
    assert sorted(titles(client_for(moderator).get("/queue"))) == sorted([question.title, fitting.title])
    other = client_for(make_moderator(topics=["batteries"])).get("/queue")
    assert titles(other) == [fitting.title, question.title]
    assert "is on it" in other.text
    assert f'action="/questions/{question.id}/claim"' not in other.text


def test_a_guest_is_asked_to_sign_in(client):
    assert client.get("/queue").location == "/sign-in?next=/queue"


def test_without_fields_the_page_says_what_to_do(client_for):
    make_question(title=FITTING, topics=["batteries"])
    assert "Say which topics you know" in client_for(make_person()).get("/queue").text


def test_the_desk_says_how_many_were_put_to_me(client_for):
    person = expert(name="ama")
    question = make_question(title=FITTING)
    put_to(question, name="ama", by=question.author)
    assert "1 question waits for you." in client_for(person).get("/").text
    assert "waits for you" not in client_for(make_person()).get("/").text


def test_the_number_of_queries_does_not_grow_with_the_queue(client_for, count_queries, run_jobs):
    person = expert(name="ama")
    browser = client_for(person)
    counts = []
    for _ in range(2):
        for number in range(4):
            question = make_question(title=f"Which box for batteries, number {number}?", topics=["batteries"])
            if number == 1 and not counts:
                put_to(question, name="ama", by=question.author)
        make_idea(topics=["batteries"])
        run_jobs()
        browser.get("/queue")
        count_queries.clear()
        browser.get("/queue")
        counts.append(len(count_queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 32


def test_what_was_asked_and_is_claimed_stands_once(client_for):
    person = expert(name="ama")
    question = make_question(title=FITTING, topics=["batteries"])
    put_to(question, name="ama", by=question.author)
    claim_question(question, by=person)
    page = client_for(person).get("/queue")
    assert titles(page) == [FITTING]
    assert "You were asked" not in page.text


def test_a_question_that_waits_long_is_weighed_however_many_are_newer(client_for, monkeypatch):
    monkeypatch.setattr(queries, "MOST_OF_EACH", 2)
    old = make_question(title=FITTING, topics=["batteries"], published_at=now() - timedelta(days=9))
    for number in range(5):
        make_question(title=f"Which box for batteries, number {number}?", topics=["batteries"])
    assert old.title in titles(client_for(expert()).get("/queue"))
