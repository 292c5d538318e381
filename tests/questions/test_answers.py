"""Answering and accepting: what is stored and counted, who may, and what comes back."""

from __future__ import annotations

import threading

import pytest

from app.database import db, now, transaction
from app.forum.models import Follow
from app.forum.queries import post_address
from app.questions.commands import answer_question
from app.questions.events import answer_accepted, answer_deleted, answer_posted
from app.questions.models import Answer, Question
from tests.factories import make_answer, make_moderator, make_person, make_private_group, make_question

ANSWER = {"body": "A carrier with a *permit* may bring them."}


def counted(question: Question) -> int:
    db.session.expire_all()
    return question.answer_count


def accepted(question: Question) -> int | None:
    db.session.expire_all()
    return question.accepted_answer_id


def test_an_answer_is_shown_counted_and_followed(client_for):
    question, person = make_question(published_at=now().replace(year=2020)), make_person()
    browser = client_for(person)
    response = browser.post(f"/questions/{question.id}/answers", data=ANSWER)
    answer = db.session.query(Answer).one()
    assert response.status_code == 303
    assert response.location == f"/questions/{question.id}/{question.slug}#answer-{answer.id}"
    assert "<em>permit</em>" in browser.get(response.location).text
    assert counted(question) == 1
    assert question.active_at == answer.created_at
    assert db.session.get(Follow, (question.id, person.id)) is not None


def test_without_script_a_preview_shows_the_answer_and_saves_nothing(client_for):
    question = make_question()
    sent = {**ANSWER, "preview": "1"}
    page = client_for(make_person()).post(f"/questions/{question.id}/answers", data=sent)
    assert page.status_code == 200
    assert "A carrier with a <em>permit</em> may bring them." in page.text
    assert ANSWER["body"] in page.text
    assert counted(question) == 0


def test_an_answer_too_short_to_publish_can_be_previewed(client_for):
    page = client_for(make_person()).post(
        f"/questions/{make_question().id}/answers", data={"body": "*Sand*.", "preview": "1"}
    )
    assert "<em>Sand</em>." in page.text
    assert "There is a problem" not in page.text


def test_a_guest_is_asked_to_sign_in_to_preview_an_answer(client):
    sent = {**ANSWER, "preview": "1"}
    assert client.post(f"/questions/{make_question().id}/answers", data=sent).status_code == 401


def test_answers_are_announced(client_for):
    question, heard = make_question(), []
    asker, moderator = client_for(question.author), client_for(make_moderator())
    with (
        answer_posted.connected_to(lambda answer: heard.append(("posted", answer.id))),
        answer_accepted.connected_to(lambda answer: heard.append(("accepted", answer.id))),
        answer_deleted.connected_to(lambda answer: heard.append(("deleted", answer.id))),
    ):
        asker.post(f"/questions/{question.id}/answers", data=ANSWER)
        answer = db.session.query(Answer).one()
        asker.post(f"/answers/{answer.id}/acceptance")
        moderator.post(f"/answers/{answer.id}/deletion")
    assert heard == [("posted", answer.id), ("accepted", answer.id), ("deleted", answer.id)]


def test_an_old_answer_does_not_make_a_question_look_older(app):
    question = make_question()
    active_at = question.active_at
    make_answer(question, created_at=active_at.replace(year=2020))
    assert question.active_at == active_at


@pytest.mark.parametrize(
    ("body", "message"), [("Yes, on Fridays.", "Between 20 and 8000 characters"), ("x" * 8001, "Between 20 and 8000")]
)
def test_an_answer_of_the_wrong_length_comes_back_with_what_was_typed(client_for, body, message):
    question = make_question()
    response = client_for(make_person()).post(f"/questions/{question.id}/answers", data={"body": body})
    assert response.status_code == 422
    assert message in response.text
    assert body in response.text
    assert 'href="#body"' in response.text
    assert counted(question) == 0


def test_with_scripts_an_answer_brings_only_the_answers(client_for):
    question = make_question()
    browser, path = client_for(make_person()), f"/questions/{question.id}/answers"
    refused = browser.fragment(path, "answers", method="POST", data={"body": "short"})
    assert refused.status_code == 422
    assert "<h1" not in refused.text
    assert "short</textarea>" in refused.text
    saved = browser.fragment(path, "answers", method="POST", data=ANSWER, follow_redirects=True)
    assert saved.text.lstrip().startswith('<section class="stack" id="answers"')
    assert "<em>permit</em>" in saved.text


def test_a_guest_cannot_answer(client):
    question = make_question()
    assert client.post(f"/questions/{question.id}/answers", data=ANSWER).status_code == 401
    assert counted(question) == 0


def test_a_stranger_cannot_answer_in_a_private_group(client_for):
    member = make_person()
    question = make_question(by=member, group=make_private_group(member))
    stranger = client_for(make_person())
    assert stranger.post(f"/questions/{question.id}/answers", data=ANSWER).status_code == 404
    answer = make_answer(question, by=member)
    for act in ("acceptance", "acceptance/withdrawal", "deletion"):
        assert stranger.post(f"/answers/{answer.id}/{act}").status_code == 404


def test_the_asker_accepts_one_answer_at_a_time(client_for):
    question = make_question()
    first, second = (
        make_answer(question, body="The first of the answers."),
        make_answer(question, body="The second of them all."),
    )
    browser = client_for(question.author)
    for answer in (first, second, second):
        assert browser.post(f"/answers/{answer.id}/acceptance").status_code == 303
    assert accepted(question) == second.id
    page = browser.get(f"/questions/{question.id}/{question.slug}").text
    assert page.count("The accepted answer") == 1
    assert page.index("The second of them all.") < page.index("The first of the answers.")


def test_a_moderator_accepts_in_the_askers_place(client_for):
    answer = make_answer()
    client_for(make_moderator()).post(f"/answers/{answer.id}/acceptance")
    assert accepted(answer.question) == answer.id


def test_a_moderator_does_not_accept_their_own_answer_in_the_askers_place(client_for):
    moderator = make_moderator()
    answer = make_answer(by=moderator)
    browser = client_for(moderator)
    assert "/acceptance" not in browser.get(post_address(answer.question)).text
    assert browser.post(f"/answers/{answer.id}/acceptance").status_code == 403
    own = make_answer(make_question(by=moderator), by=moderator)
    assert browser.post(f"/answers/{own.id}/acceptance").status_code == 303


def test_nobody_else_accepts_or_withdraws(client, client_for):
    answer = make_answer()
    for act in ("acceptance", "acceptance/withdrawal"):
        assert client.post(f"/answers/{answer.id}/{act}").location.startswith("/sign-in")
        for person in (make_person(), answer.author):
            assert client_for(person).post(f"/answers/{answer.id}/{act}").status_code == 403
    assert accepted(answer.question) is None


def test_acceptance_can_be_withdrawn(client_for):
    question = make_question()
    chosen, other = make_answer(question), make_answer(question)
    browser = client_for(question.author)
    browser.post(f"/answers/{chosen.id}/acceptance")
    browser.post(f"/answers/{other.id}/acceptance/withdrawal")
    assert accepted(question) == chosen.id
    browser.post(f"/answers/{chosen.id}/acceptance/withdrawal")
    assert accepted(question) is None


def test_its_author_deletes_an_answer_after_a_question(client_for):
    answer = make_answer(body="Pour the acid into the drain, it is fine.")
    make_answer(answer.question)
    browser = client_for(answer.author)
    assert "Pour the acid" in browser.get(f"/answers/{answer.id}/deletion").text
    assert browser.post(f"/answers/{answer.id}/deletion").status_code == 303
    assert counted(answer.question) == 1
    assert "Pour the acid" not in browser.get(f"/questions/{answer.question_id}/{answer.question.slug}").text
    for method in (browser.get, browser.post):
        assert method(f"/answers/{answer.id}/deletion").status_code == 404


def test_a_deleted_answer_is_no_longer_accepted(client_for):
    answer = make_answer()
    client_for(answer.question.author).post(f"/answers/{answer.id}/acceptance")
    client_for(make_moderator()).post(f"/answers/{answer.id}/deletion")
    assert (accepted(answer.question), counted(answer.question)) == (None, 0)
    assert client_for(answer.question.author).post(f"/answers/{answer.id}/acceptance").status_code == 404


def test_nobody_else_deletes_an_answer(client, client_for):
    answer = make_answer()
    assert client.post(f"/answers/{answer.id}/deletion").location.startswith("/sign-in")
    for person in (make_person(), answer.question.author):
        assert client_for(person).get(f"/answers/{answer.id}/deletion").status_code == 403
        assert client_for(person).post(f"/answers/{answer.id}/deletion").status_code == 403
    assert counted(answer.question) == 1


def test_a_hidden_answer_is_neither_accepted_nor_counted(client_for):
    answer = make_answer()
    with transaction():
        answer.hidden_at = now()
    assert client_for(make_moderator()).post(f"/answers/{answer.id}/acceptance").status_code == 409
    make_answer(answer.question)
    assert (accepted(answer.question), counted(answer.question)) == (None, 1)


def test_answers_given_at_the_same_moment_are_all_counted(app):
    question = make_question()
    people = [make_person() for _ in range(6)]

    def answer(person_id: int) -> None:
        with app.app_context():
            person = db.session.get_one(type(people[0]), person_id)
            answer_question(db.session.get_one(Question, question_id), by=person, body="They take them on Fridays.")

    question_id = question.id
    threads = [threading.Thread(target=answer, args=(person.id,)) for person in people]
    db.session.rollback()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted(question) == 6
