"""The Commons puts open questions to those who fit, within what they agreed to, wider as time passes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.models import Post
from app.groups.commands import appoint_tutor, join_group
from app.journal.models import JournalEntry
from app.moderation.commands import hide_post, restore_post
from app.questions.commands import close_question, delete_answer, reopen_question
from app.questions.models import Question
from app.queue.commands import claim_question, pass_question
from app.queue.models import Ask, Escalation
from app.queue.routing import chosen_by_routing
from app.queue.tasks import route_questions
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question

TITLE = "Which fire box holds three swollen phone batteries?"


def expert(**facts) -> User:
    return make_person(**{"topics": ["batteries"], "roles": ["recycler"], "asks_a_week": 3, **facts})


def question(**facts):
    return make_question(**{"title": TITLE, "topics": ["batteries"], "roles": ["recycler"], **facts})


def asked() -> list[int]:
    db.session.expire_all()
    return [ask.person_id for ask in db.session.query(Ask).order_by(Ask.id)]


def grow_older(post: Post, hours: float) -> None:
    """As if people had been looked for so long."""
    with transaction():
        db.session.get_one(Escalation, post.id).begun_at = now() - timedelta(hours=hours)


@pytest.fixture
def put_questions(run_jobs: Callable[[], int]) -> Callable[[], None]:
    """What the worker does every ten minutes, once texts are embedded."""

    def put() -> None:
        run_jobs()
        route_questions()

    return put


def test_whoever_fits_is_asked_and_finds_it_in_their_queue(client_for, put_questions):
    person, _other = expert(), make_person(topics=["finance"], asks_a_week=3)
    question()
    put_questions()
    assert asked() == [person.id]
    assert "It fits what you know, and nobody has answered." in client_for(person).get("/queue").text


def test_nobody_is_asked_twice_or_more_often_than_they_agreed(app, put_questions):
    person = expert(asks_a_week=1)
    for _ in range(3):
        question()
    put_questions()
    put_questions()
    assert asked() == [person.id]


def test_those_who_fit_alike_are_asked_in_turn(app, put_questions):
    people = {expert().id for _ in range(6)}
    question()
    put_questions()
    first = set(asked())
    question()
    put_questions()
    second = set(asked()[len(first) :])
    assert len(first) == len(second) == 3
    assert first | second == people


@pytest.mark.parametrize("facts", [{"asks_a_week": 0}, {"kind": "demo"}, {"is_for_groups_only": True}])
def test_who_did_not_agree_or_cannot_answer_is_not_asked(app, put_questions, facts):
    expert(**facts)
    question()
    put_questions()
    assert asked() == []


def test_whoever_asks_is_not_asked(app, put_questions):
    question(by=expert())
    put_questions()
    assert asked() == []


def test_a_private_question_goes_to_members_of_its_group(app, put_questions):
    member, fellow, _outsider = make_person(), expert(), expert()
    question(by=member, group=make_private_group(member, fellow))
    put_questions()
    assert asked() == [fellow.id]


def test_what_is_answered_claimed_closed_or_passed_is_not_put_to_people(app, put_questions):
    person = expert()
    make_answer(question())
    claim_question(question(), by=make_person())
    pass_question(question(), by=person)
    closed = question()
    with transaction():
        closed.closed_at, closed.closing = now(), "outdated"
    put_questions()
    assert asked() == []


def test_after_two_days_wider_fits_are_asked(app, put_questions):
    near = make_person(roles=["recycler"], asks_a_week=3)
    waiting = question()
    expert(asks_a_week=3)
    put_questions()
    assert near.id not in asked()
    grow_older(waiting, 49)
    put_questions()
    assert near.id in asked()
    assert db.session.query(Escalation).one().stage == 1
    assert "question_escalated" in [entry.action for entry in db.session.query(JournalEntry)]


def test_what_nobody_fits_comes_to_moderators_at_once(client_for, put_questions):
    waiting = question()
    put_questions()
    assert asked() == []
    moderator = client_for(make_moderator())
    assert waiting.title in moderator.get("/queue").text
    assert "Questions that nobody answers" in moderator.get("/moderation").text
    assert waiting.title not in client_for(make_person()).get("/queue").text


def test_after_four_days_it_comes_to_the_tutor_of_its_group(client_for, put_questions):
    member, tutor, fellow = make_person(), make_person(), make_person()
    group = make_private_group(member, fellow)
    appoint_tutor(group, person=tutor)
    other = make_private_group()
    stranger = make_person()
    appoint_tutor(other, person=stranger)
    waiting = question(by=member, group=group)
    expert_there = expert()
    join_group(group, person=expert(display_name="Fits and says nothing"))
    put_questions()
    assert "Nobody has answered" not in client_for(tutor).get("/queue").text
    grow_older(waiting, 97)
    put_questions()
    assert "Nobody has answered" in client_for(tutor).get("/queue").text
    assert waiting.title in client_for(tutor).get("/queue").text
    for person in (fellow, stranger, expert_there):
        assert waiting.title not in client_for(person).get("/queue").text


def test_an_answer_takes_it_off_the_list_of_moderators(client_for, put_questions):
    waiting, moderator = question(), make_moderator()
    put_questions()
    make_answer(waiting)
    assert waiting.title not in client_for(moderator).get("/queue").text


def test_what_nobody_fits_now_is_put_to_whoever_fits_later(app, put_questions):
    question()
    put_questions()
    person = expert()
    put_questions()
    assert asked() == [person.id]


def test_an_old_question_begins_with_the_best_fits(app, put_questions):
    person = expert()
    question(published_at=now() - timedelta(days=300))
    put_questions()
    assert asked() == [person.id]
    assert db.session.query(Escalation).one().stage == 0


def test_a_question_that_is_not_read_yet_waits(app):
    expert()
    question()
    route_questions()
    assert asked() == []
    assert db.session.query(Escalation).count() == 0


def test_people_are_looked_for_again_when_the_only_answer_goes_or_the_question_is_opened_again(app, put_questions):
    first, second = question(), question()
    put_questions()
    grow_older(first, 97)
    grow_older(second, 97)
    answer = make_answer(first)
    delete_answer(answer, by=answer.author)
    close_question(second, by=second.author, closing="solved")
    reopen_question(second, by=second.author)
    person = expert()
    put_questions()
    assert asked() == [person.id, person.id]
    assert {each.stage for each in db.session.query(Escalation)} == {0}


def test_days_hidden_do_not_count_as_days_without_an_answer(app, put_questions):
    waiting, moderator = question(), make_moderator()
    put_questions()
    hide_post(waiting, by=moderator, reason="It sells something.")
    grow_older(waiting, 120)
    restore_post(waiting, by=moderator, reason="It sells nothing.")
    person = expert()
    put_questions()
    assert asked() == [person.id]


def test_the_number_of_queries_does_not_grow_with_the_people(app, put_questions, count_queries):
    counts = []
    for _ in range(2):
        for _person in range(6):
            expert()
        question()
        put_questions()
        chosen_by_routing()  # what the matching keeps is kept from now on
        count_queries.clear()
        chosen_by_routing()
        counts.append(len(count_queries))
        make_answer(db.session.query(Question).order_by(Question.id.desc()).first())
    assert counts[0] == counts[1]
