"""Closing a question with a reason, and opening it again."""

from __future__ import annotations

import pytest

from app.database import db, now, transaction
from app.forum.queries import post_address
from app.home.queries import open_questions
from app.journal.models import JournalEntry
from app.matching.queries import for_you
from app.questions.commands import close_question, turn_into_comment
from app.questions.models import Answer, Question
from tests.factories import (
    make_answer,
    make_idea,
    make_moderator,
    make_person,
    make_private_group,
    make_question,
)

ANSWER = {"body": "The depot at the harbour takes them on Fridays."}


def closed(question: Question) -> Question:
    db.session.expire_all()
    return question


def closure(question: Question) -> str:
    return f"/questions/{question.id}/closure"


def test_the_asker_closes_with_a_reason_that_everyone_reads(client, client_for):
    question = make_question(by=make_person(display_name="Efua Boateng"))
    browser = client_for(question.author)
    assert f'href="{closure(question)}"' in browser.get(post_address(question)).text
    assert "It is answered elsewhere" in browser.get(closure(question)).text
    response = browser.post(closure(question), data={"closing": "solved", "note": "The shop takes them back now."})
    assert response.location == post_address(question)
    assert (closed(question).closing, question.closed_by_id) == ("solved", question.author_id)
    page = client.get(post_address(question)).text
    for words in ("Closed.", "It is solved", "The shop takes them back now.", "Efua Boateng"):
        assert words in page
    history = client.get(f"/questions/{question.id}/revisions").text
    assert "closed the question" in history
    assert "The shop takes them back now." not in history


def test_a_closed_question_takes_no_answers_and_keeps_what_was_typed(client_for):
    question, browser = make_question(), client_for(make_person())
    assert "Publish the answer" in browser.get(post_address(question)).text
    close_question(question, by=question.author, closing="outdated")
    assert "Publish the answer" not in browser.get(post_address(question)).text
    response = browser.post(f"/questions/{question.id}/answers", data=ANSWER)
    assert response.status_code == 409
    assert ANSWER["body"] in response.text
    assert "takes no new answers" in response.text
    assert db.session.query(Answer).count() == 0


def test_a_closed_question_can_still_be_read_revised_and_commented_on(client_for):
    question = make_answer(body="They take them on Fridays.").question
    close_question(question, by=question.author, closing="outdated")
    browser = client_for(question.author)
    assert "They take them on Fridays." in browser.get(post_address(question)).text
    data = {"title": "Who takes swollen batteries in Tema?", "language": "en", "seen": 1}
    assert browser.post(f"/questions/{question.id}/revisions", data=data).status_code == 303
    assert browser.post(f"/posts/{question.id}/comments", data={"body": "Thank you all."}).status_code == 303


def test_it_can_be_opened_again(client_for):
    question, browser = make_question(), client_for(make_moderator())
    browser.post(closure(question), data={"closing": "outdated", "note": "Old."})
    assert browser.post(f"{closure(question)}/withdrawal").status_code == 303
    assert (closed(question).closed_at, question.closed_by_id, question.closing, question.closing_note) == (
        None,
        None,
        "",
        "",
    )
    assert browser.post(f"/questions/{question.id}/answers", data=ANSWER).status_code == 303
    history = browser.get(f"/questions/{question.id}/revisions").text
    assert "closed the question" in history
    assert "opened the question again" in history


def test_closing_twice_is_a_conflict_and_opening_twice_changes_nothing(client_for):
    question = make_question()
    browser = client_for(question.author)
    assert browser.post(closure(question), data={"closing": "solved"}).status_code == 303
    assert browser.post(closure(question), data={"closing": "outdated"}).status_code == 409
    assert closed(question).closing == "solved"
    for _ in range(2):
        assert browser.post(f"{closure(question)}/withdrawal").status_code == 303
    actions = [
        entry.action for entry in db.session.query(JournalEntry).filter_by(is_public=True).order_by(JournalEntry.id)
    ]
    assert actions == ["question_closed", "question_reopened"]


def test_nobody_else_closes_or_opens(client, client_for):
    question = make_answer().question
    assert client.get(closure(question)).location.startswith("/sign-in")
    assert client.post(closure(question), data={"closing": "solved"}).location.startswith("/sign-in")
    stranger = client_for(make_person())
    assert stranger.get(closure(question)).status_code == 403
    for closing in ("solved", "nothing"):
        assert stranger.post(closure(question), data={"closing": closing}).status_code == 403
    assert stranger.post(f"{closure(question)}/withdrawal").status_code == 403
    assert closed(question).closed_at is None
    for browser in (client, stranger):
        assert closure(question) not in browser.get(post_address(question)).text


def test_a_question_of_a_private_group_is_not_there_for_a_stranger(client_for):
    member = make_person()
    question, stranger = make_question(by=member, group=make_private_group(member)), client_for(make_person())
    assert stranger.get(closure(question)).status_code == 404
    for path in (closure(question), f"{closure(question)}/withdrawal"):
        assert stranger.post(path, data={"closing": "solved"}).status_code == 404


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({}, "Not a valid choice"),
        ({"closing": "bored"}, "Not a valid choice"),
        ({"closing": "elsewhere"}, "Give the address"),
        ({"closing": "elsewhere", "elsewhere": "javascript:alert(1)"}, "Give the address"),
        ({"closing": "elsewhere", "elsewhere": "/ideas/7"}, "Give the address"),
        ({"closing": "elsewhere", "elsewhere": "https://e.org/" + "x" * 500}, "characters"),
        ({"closing": "solved", "note": "x" * 301}, "At most 300 characters"),
    ],
)
def test_a_wrong_form_comes_back(client_for, data, message):
    question = make_question()
    response = client_for(question.author).post(closure(question), data=data)
    assert response.status_code == 422
    assert message in response.text
    assert closed(question).closed_at is None


@pytest.mark.parametrize(
    "address", ["http://[a.b", "https://ex]ample.org/", "https://user@evil.example", "https://", "http://e.org/a b"]
)
def test_what_is_no_web_address_is_refused_and_the_page_stays(client, client_for, address):
    question = make_question()
    response = client_for(question.author).post(
        closure(question), data={"closing": "elsewhere", "elsewhere": address, "note": "See there."}
    )
    assert response.status_code == 422
    assert "Give the address" in response.text
    assert "See there." in response.text
    assert client.get(post_address(question)).status_code == 200


@pytest.mark.parametrize("site", ["", "http://localhost"])
def test_what_is_answered_in_another_question_leads_there(client, client_for, site):
    other, question = make_question(title="Who takes swollen batteries?"), make_question()
    data = {"closing": "elsewhere", "elsewhere": f"{site}{post_address(other)}"}
    assert client_for(question.author).post(closure(question), data=data).status_code == 303
    assert closed(question).elsewhere == f"/questions/{other.id}"
    assert f'<a href="{post_address(other)}" dir="auto" lang="en">Who takes swollen batteries?' in client.get(
        post_address(question)
    ).text.replace("\n", "")


def test_a_page_elsewhere_is_named_by_its_site(client, client_for):
    question = make_question()
    data = {"closing": "elsewhere", "elsewhere": "https://example.org/batteries?page=2"}
    client_for(question.author).post(closure(question), data=data)
    page = client.get(post_address(question)).text
    assert 'href="https://example.org/batteries?page=2" rel="nofollow noopener"' in page
    assert "example.org</a>" in page


def test_a_question_is_not_answered_by_itself_or_by_one_that_the_closer_cannot_see(client_for):
    member = make_person()
    secret = make_question(by=member, group=make_private_group(member), title="What does our group ask?")
    question = make_question()
    browser = client_for(question.author)
    for address in (post_address(question), f"/questions/{secret.id}", "/questions/4711"):
        response = browser.post(closure(question), data={"closing": "elsewhere", "elsewhere": address})
        assert response.status_code == 422
        assert "What does our group ask?" not in response.text
    assert closed(question).closed_at is None


def test_whoever_cannot_see_the_other_question_is_not_told_of_it(client, client_for):
    member = make_person()
    secret = make_question(by=member, group=make_private_group(member), title="What does our group ask?")
    question = make_question(by=member)
    close_question(question, by=member, closing="elsewhere", elsewhere=f"/questions/{secret.id}")
    for browser in (client, client_for(make_person())):
        page = browser.get(post_address(question)).text
        assert "It is answered elsewhere" in page
        assert "What does our group ask?" not in page
        assert f"/questions/{secret.id}" not in page
    assert "What does our group ask?" in client_for(member).get(post_address(question)).text


def test_where_it_is_answered_stays_linked_when_that_becomes_a_comment(client):
    idea = make_idea()
    other, question = make_question(about=f"idea-{idea.id}"), make_question()
    close_question(question, by=question.author, closing="elsewhere", elsewhere=f"/questions/{other.id}")
    comment = turn_into_comment(other, by=other.author)
    assert f'href="{post_address(idea)}#comment-{comment.id}"' in client.get(post_address(question)).text


def test_a_closed_question_waits_for_nobody(app):
    question, person = make_question(topics=["batteries"]), make_person(topics=["batteries"])
    assert [row.id for row in open_questions(person)] == [question.id]
    assert [found.row.id for found in for_you(person).questions] == [question.id]
    close_question(question, by=question.author, closing="solved")
    assert open_questions(person) == []
    assert for_you(person).questions == []


def test_a_title_that_is_an_address_of_the_site_does_not_hide_it(client):
    question = make_question(title="Closure", language="zh")
    assert client.get(f"/questions/{question.id}").location == f"/questions/{question.id}/closure-"
    assert client.get(f"/questions/{question.id}/closure-").status_code == 200


def test_a_hidden_question_is_closed_by_moderators_alone(client_for):
    question = make_question()
    with transaction():
        question.hidden_at = now()
    assert client_for(question.author).post(closure(question), data={"closing": "solved"}).status_code == 403
    assert client_for(make_moderator()).post(closure(question), data={"closing": "solved"}).status_code == 303


@pytest.mark.parametrize("pasted", ["/answers/{answer}", "/questions/{question}/any-title#answer-{answer}"])
def test_it_may_be_one_answer_to_another_question_that_says_it(client, client_for, pasted):
    answer, question = make_answer(), make_question()
    address = pasted.format(answer=answer.id, question=answer.question_id)
    data = {"closing": "elsewhere", "elsewhere": f"http://localhost{address}"}
    assert client_for(question.author).post(closure(question), data=data).status_code == 303
    assert closed(question).elsewhere == f"/questions/{answer.question_id}#answer-{answer.id}"
    assert f'href="{post_address(answer.question)}#answer-{answer.id}"' in client.get(post_address(question)).text


def test_an_answer_that_the_closer_cannot_see_is_not_pointed_to(client_for):
    member = make_person()
    secret = make_answer(make_question(by=member, group=make_private_group(member)))
    question, other = make_question(), make_answer()
    browser = client_for(question.author)
    for address in (f"/answers/{secret.id}", "/answers/4711", f"/answers/{make_answer(question).id}"):
        assert browser.post(closure(question), data={"closing": "elsewhere", "elsewhere": address}).status_code == 422
    address = f"/questions/{other.question_id}#answer-{secret.id}"
    assert browser.post(closure(question), data={"closing": "elsewhere", "elsewhere": address}).status_code == 303
    assert closed(question).elsewhere == f"/questions/{other.question_id}"
