"""Every change of a post is written down with whom it concerns, beside whoever made it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.accounts.models import User
from app.database import db
from app.forum.commands import delete_post, post_comment, support, withdraw_support
from app.journal.models import JournalEntry
from app.moderation.commands import hide_answer
from app.questions.commands import (
    accept_answer,
    close_question,
    delete_answer,
    have_too,
    reopen_question,
    revise_question,
    withdraw_too,
)
from app.questions.events import answer_unaccepted
from app.questions.models import Question
from tests.factories import make_answer, make_idea, make_moderator, make_person, make_question, revise


def entries(action: str) -> list[tuple[int | None, int | None, bool]]:
    found = db.session.query(JournalEntry).filter_by(action=action).order_by(JournalEntry.id)
    return [(entry.by_id, entry.person_id, entry.is_public) for entry in found]


def closed(question: Question, by: User) -> None:
    close_question(question, by=by, closing="solved")


def reopened(question: Question, by: User) -> None:
    close_question(question, by=question.author, closing="solved")
    reopen_question(question, by=by)


def revised(question: Question, by: User) -> None:
    revise_question(question, by=by, reason="", seen=question.revision, title="Who takes old phones in Tema?")


def deleted(question: Question, by: User) -> None:
    delete_post(question, by=by)


@pytest.mark.parametrize(
    ("act", "action"),
    [
        (closed, "question_closed"),
        (reopened, "question_reopened"),
        (revised, "question_revised"),
        (deleted, "post_deleted"),
    ],
)
@pytest.mark.parametrize("is_own", [True, False])
def test_what_a_moderator_does_to_a_question_concerns_whoever_asked(
    app, act: Callable[[Question, User], None], action: str, is_own: bool
):
    question = make_question()
    person = question.author if is_own else make_moderator()
    act(question, person)
    assert [entry[:2] for entry in entries(action)] == [(person.id, None if is_own else question.author_id)]


def test_whoever_has_a_question_too_is_told_to_whoever_asked(app):
    question, other = make_question(), make_person()
    have_too(question, by=other)
    withdraw_too(question, by=other)
    expected = [(other.id, question.author_id, False)]
    assert entries("question_asked_too") == entries("question_asked_too_withdrawn") == expected


def test_a_reply_concerns_whoever_wrote_what_it_replies_to(app):
    idea, first, second = make_idea(), make_person(), make_person()
    comment = post_comment(idea, by=first, body="Which licence?")
    post_comment(idea, by=second, body="That of the town.", parent=comment)
    assert entries("comment_posted") == [(first.id, idea.author_id, False), (second.id, first.id, False)]


def test_support_is_written_down_once_and_concerns_the_author(app):
    idea, person = make_idea(), make_person()
    for act in (support, support, withdraw_support, withdraw_support):
        act(idea, by=person)
    expected = [(person.id, idea.author_id, False)]
    assert entries("support_given") == entries("support_withdrawn") == expected


def test_ideas_are_written_down_when_they_are_published_revised_and_deleted(app):
    idea = make_idea()
    revise(idea, title="Battery boxes for every school")
    delete_post(idea, by=idea.author)
    for action in ("idea_published", "idea_revised", "post_deleted"):
        assert entries(action) == [(idea.author_id, None, False)]


@pytest.mark.parametrize("is_deleted", [True, False])
def test_an_accepted_answer_that_goes_is_accepted_no_more_for_everyone_who_listens(app, is_deleted):
    answer, moderator, heard = make_answer(), make_moderator(), []
    accept_answer(answer, by=answer.question.author)
    with answer_unaccepted.connected_to(lambda sent: heard.append(sent.id)):
        if is_deleted:
            delete_answer(answer, by=moderator)
        else:
            hide_answer(answer, by=moderator, reason="Unsafe.")
    assert heard == [answer.id]
    assert entries("answer_unaccepted") == [(moderator.id, answer.author_id, True)]
    assert answer.question.accepted_answer_id is None
