"""What was deleted, hidden or made a comment while someone looked at it changes no more."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.accounts.models import User
from app.database import db
from app.expertise.commands import endorse_answer, verify_field, withdraw_endorsement
from app.forum.commands import delete_post, post_comment, support
from app.forum.models import Comment
from app.moderation.commands import hide_post
from app.questions.commands import (
    accept_answer,
    answer_question,
    close_question,
    comment_on_answer,
    have_too,
    reopen_question,
    revise_question,
    support_answer,
    turn_into_comment,
    withdraw_too,
)
from app.questions.models import Answer, Question
from app.refusals import Refusal
from app.taxonomy.queries import topics_named
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_question

BODY = "The depot takes them on Fridays."


def acts(question: Question, answer: Answer, expert: User) -> dict[str, Callable[[], object]]:
    asker, other = question.author, make_person()
    return {
        "answer": lambda: answer_question(question, by=other, body=BODY),
        "accept": lambda: accept_answer(answer, by=asker),
        "have it too": lambda: have_too(question, by=other),
        "have it no more": lambda: withdraw_too(question, by=other),
        "close": lambda: close_question(question, by=asker, closing="solved"),
        "reopen": lambda: reopen_question(question, by=asker),
        "revise": lambda: revise_question(question, by=asker, reason="", seen=1, title="Who takes old phones here?"),
        "endorse": lambda: endorse_answer(answer, by=expert, reason="I take them there myself."),
        "endorse no more": lambda: withdraw_endorsement(answer, by=expert),
        "comment": lambda: post_comment(question, by=other, body="Which depot?"),
        "comment on the answer": lambda: comment_on_answer(answer, by=other, body="Which depot?"),
        "say that it helped": lambda: support_answer(answer, by=other),
        "support": lambda: support(question, by=other),
        "delete": lambda: delete_post(question, by=asker),
    }


ACTS = (
    *("answer", "accept", "have it too", "have it no more", "close", "reopen", "revise", "endorse", "endorse no more"),
    *("comment", "comment on the answer", "say that it helped", "support", "delete"),
)


@pytest.fixture
def expert(app):
    person = make_person()
    verify_field(person, topics_named(["batteries"])[0], by=make_moderator(), note="Runs the depot.")
    return person


def deleted(question: Question) -> None:
    delete_post(question, by=question.author)


def hidden(question: Question) -> None:
    hide_post(question, by=make_moderator(), reason="Unsafe.")


def made_a_comment(question: Question) -> None:
    turn_into_comment(question, by=question.author)


@pytest.mark.parametrize("gone", [deleted, hidden, made_a_comment])
@pytest.mark.parametrize("act", ACTS)
def test_a_question_that_is_gone_meanwhile_changes_no_more(expert, act, gone):
    question = make_question(topics=["batteries"], about=f"idea-{make_idea().id}")
    answer = make_answer(question)
    action = acts(question, answer, expert)[act]
    gone(question)
    comments = db.session.query(Comment).count()
    with pytest.raises(Refusal) as refusal:
        action()
    assert refusal.value.status in (409, 410)
    assert (db.session.query(Answer).count(), db.session.query(Comment).count()) == (1, comments)
    assert (question.accepted_answer_id, question.closed_at, question.too_count) == (None, None, 0)


def test_a_moderator_still_works_on_a_hidden_question(app):
    question = make_question()
    hidden(question)
    close_question(question, by=make_moderator(), closing="outdated")
    assert question.closed_at is not None
    post_comment(question, by=make_moderator(), body="Hidden for the names in it.")
    assert question.comment_count == 1
