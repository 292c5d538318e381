"""What people know is computed from what they did in public."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from app.accounts.commands import introduce
from app.database import db, now, transaction
from app.expertise.commands import refresh_all_fields
from app.expertise.queries import faded, fields_of, own_fields, strength_of
from app.forum.commands import delete_post
from app.moderation.commands import hide_answer, hide_post, restore_answer
from app.questions.commands import accept_answer, delete_answer, revise_question, withdraw_acceptance
from app.questions.models import Answer
from ml.queueing import Answerer, OpenQuestion, Questions, fit
from ml.routing import STAGES
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_private_group, make_question


def accepted(person, **facts):
    """An answer of theirs that the person who asked accepted."""
    answer = make_answer(make_question(**{"topics": ["batteries"], **facts}), by=person)
    accept_answer(answer, by=answer.question.author)
    return answer


def kinds(person) -> dict[str, list[str]]:
    return {each.topic.id: [piece.kind for piece in each.evidence] for each in own_fields(person)}


def test_evidence_fades_by_half_a_year_and_adds_up_to_less_than_one():
    year = timedelta(days=365)
    assert faded(1.0, age=timedelta()) == 1.0
    assert faded(1.0, age=-year) == 1.0
    assert faded(1.0, age=year) == pytest.approx(0.5)
    assert faded(0.3, age=2 * year) == pytest.approx(0.075)
    assert strength_of([]) == 0
    assert strength_of([1.0]) == pytest.approx(0.632, abs=0.001)
    rising = [strength_of([1.0] * count) for count in range(20)]
    assert rising == sorted(set(rising))
    assert rising[-1] < 1


def test_an_accepted_answer_an_idea_and_a_stated_topic_speak_for_a_person(app, run_jobs):
    ama = make_person(topics=["finance"])
    accepted(ama, topics=["batteries", "health"])
    make_idea(by=ama, topics=["health", "education"])
    make_answer(make_question(topics=["climate"]), by=ama)
    run_jobs()
    assert kinds(ama) == {
        "batteries": ["accepted"],
        "health": ["accepted", "idea"],
        "education": ["idea"],
        "finance": ["stated"],
    }
    sums = {"batteries": [1.0], "health": [1.0, 0.3], "education": [0.3], "finance": [0.3]}
    expected = {topic: strength_of(weights) for topic, weights in sums.items()}
    assert fields_of([ama.id])[ama.id] == pytest.approx(expected, abs=0.001)


def test_whoever_accepts_their_own_answer_knows_nothing_by_it(app, run_jobs):
    ama = make_person()
    answer = make_answer(make_question(by=ama, topics=["batteries"]), by=ama)
    accept_answer(answer, by=ama)
    run_jobs()
    assert fields_of([ama.id]) == {ama.id: {}}


def test_whoever_only_stated_one_topic_is_asked_when_the_best_fits_did_not_answer(app):
    ama = make_person(topics=["finance"])
    question = OpenQuestion(1, "Who lends to repair shops?", now(), topics=["finance"])
    person = Answerer(fields_of([ama.id])[ama.id], languages=["en"])
    first, later = STAGES
    assert later.least_fit < fit(Questions.of([question]), person).values[0] < first.least_fit


def test_an_old_answer_speaks_for_less_and_a_stated_topic_for_as_much(app, run_jobs):
    ama = make_person(topics=["finance"])
    answer = accepted(ama)
    with transaction():
        db.session.execute(update(Answer).values(created_at=now() - timedelta(days=365)).where(Answer.id == answer.id))
    refresh_all_fields()
    known = fields_of([ama.id])[ama.id]
    assert known["batteries"] == pytest.approx(strength_of([0.5]), abs=0.001)
    assert known["finance"] == pytest.approx(strength_of([0.3]))


def test_fields_follow_what_happens_to_an_answer(app, run_jobs):
    ama, moderator = make_person(), make_moderator()
    answer = accepted(ama)
    asker = answer.question.author

    def knows() -> bool:
        run_jobs()
        return "batteries" in fields_of([ama.id])[ama.id]

    assert knows()
    withdraw_acceptance(answer, by=asker)
    assert not knows()
    accept_answer(answer, by=asker)
    assert knows()
    accept_answer(make_answer(answer.question), by=asker)
    assert not knows()
    accept_answer(answer, by=asker)
    hide_answer(answer, by=moderator, reason="Wrong")
    assert not knows()
    restore_answer(answer, by=moderator, reason="Right")
    accept_answer(answer, by=asker)
    assert knows()
    delete_answer(answer, by=ama)
    assert not knows()


def test_fields_follow_the_topics_and_the_presence_of_a_post(app, run_jobs):
    ama, ben = make_person(), make_person()
    question = accepted(ama).question
    idea = make_idea(by=ben, topics=["health"])
    run_jobs()
    facts = {"title": question.title, "body": question.body, "roles": [], "country": None, "language": "en"}
    revise_question(question, by=question.author, topics=["climate"], reason="", seen=1, **facts)
    run_jobs()
    assert list(fields_of([ama.id])[ama.id]) == ["climate"]
    hide_post(question, by=make_moderator(), reason="Off")
    delete_post(idea, by=ben)
    run_jobs()
    assert fields_of([ama.id, ben.id]) == {ama.id: {}, ben.id: {}}


def test_a_topic_named_on_the_profile_counts_at_once(app):
    ama = make_person()
    introduce(ama, roles=[], topics=["health"], languages=["en"], country=None, asks_a_week=1, is_for_groups_only=False)
    assert list(fields_of([ama.id])[ama.id]) == ["health"]


def test_what_is_said_in_private_is_not_used_to_know_someone(app, run_jobs):
    ama, ben = make_person(), make_person()
    group = make_private_group(ama, ben)
    accepted(ama, by=ben, group=group)
    make_idea(by=ama, group=group, topics=["health"])
    run_jobs()
    assert fields_of([ama.id]) == {ama.id: {}}
    assert own_fields(ama) == []


def test_fields_of_many_people_take_one_query(app, count_queries):
    people = [make_person(topics=["batteries", "health"]) for _ in range(4)]
    ids = [each.id for each in people]
    count_queries.clear()
    found = fields_of([*ids, 999_999])
    assert len([each for each in count_queries if each.startswith("SELECT")]) == 1
    assert [set(found[each]) for each in ids] == [{"batteries", "health"}] * 4
    assert found[999_999] == {}
    assert fields_of([]) == {}
