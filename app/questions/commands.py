"""Ask, revise, answer, accept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import User
from app.database import db, now, transaction
from app.forum.commands import begin_revision, follow, record_revision, sent_before
from app.forum.events import post_published, post_revised
from app.forum.models import GIST_LENGTH, Post
from app.forum.policy import can_revise
from app.groups.models import Group
from app.groups.queries import is_member
from app.markdown import plain_words
from app.questions.events import answer_accepted, answer_deleted, answer_posted, answer_unaccepted
from app.questions.models import Answer, Question
from app.questions.policy import can_accept, can_delete_answer
from app.refusals import Conflict, require
from app.taxonomy.queries import roles_named, topics_named


def ask_question(
    *,
    by: User,
    group: Group,
    title: str,
    body: str,
    roles: Iterable[str] = (),
    topics: Iterable[str] = (),
    country: str | None = None,
    language: str = "en",
    published_at: datetime | None = None,
    source: str | None = None,
    source_url: str | None = None,
    sent_as: str | None = None,
) -> Question:
    """Publish a question in a group that the person belongs to; the person follows it. Tags are given by id.

    `sent_as` names the form that it comes from: what was published from it before is returned.
    """
    require(is_member(by, group.id), "You can only ask in a group that you belong to.")
    moment = published_at or now()
    with transaction():
        if before := sent_before(Question, sent_as, by=by):
            return before
        question = Question(author_id=by.id, group_id=group.id, source=source, source_url=source_url, sent_as=sent_as)
        question.published_at = question.active_at = moment
        _write(question, title=title, body=body, roles=roles, topics=topics, country=country, language=language)
        db.session.add(question)
        db.session.flush()
        record_revision(question, by=by, sections={"body": body}, reason="")
        follow(question, by=by)
        post_published.send(question)
    return question


def revise_question(
    question: Question,
    *,
    by: User,
    title: str,
    body: str,
    roles: Iterable[str],
    topics: Iterable[str],
    country: str | None,
    language: str,
    reason: str,
    seen: int,
) -> None:
    """Save a new revision. Raises StaleRevision if someone saved after revision `seen`."""
    require(can_revise(by, question))
    with transaction():
        begin_revision(question, seen=seen)
        _write(question, title=title, body=body, roles=roles, topics=topics, country=country, language=language)
        record_revision(question, by=by, sections={"body": body}, reason=reason)
        post_revised.send(question)


def answer_question(question: Question, *, by: User, body: str, created_at: datetime | None = None) -> Answer:
    """Answer a question that the person may see; the person follows it from now on."""
    moment = created_at or now()
    with transaction():
        _lock(question)
        answer = Answer(question_id=question.id, author_id=by.id, body=body, created_at=moment)
        db.session.add(answer)
        count_answers(question)
        question.active_at = max(question.active_at, moment)
        follow(question, by=by)
        answer_posted.send(answer)
    return answer


def accept_answer(answer: Answer, *, by: User) -> None:
    """Mark this answer as the one that helped, in place of another. Raises Conflict when it was taken away."""
    require(can_accept(by, answer.question), "Only the person who asked can accept an answer.")
    with transaction():
        _lock(answer.question)
        db.session.refresh(answer)
        if answer.deleted_at is not None or answer.hidden_at is not None:
            raise Conflict("This answer is no longer shown.")
        answer.question.accepted_answer_id = answer.id
        answer.question.active_at = now()
        answer_accepted.send(answer)


def withdraw_acceptance(answer: Answer, *, by: User) -> None:
    """Take the mark off this answer; one that does not carry it stays as it is."""
    require(can_accept(by, answer.question), "Only the person who asked can do this.")
    with transaction():
        _lock(answer.question)
        _unaccept(answer)
        answer_unaccepted.send(answer)


def delete_answer(answer: Answer, *, by: User) -> None:
    """Take the answer off the page; if it was accepted, the question has no accepted answer any more."""
    require(can_delete_answer(by, answer))
    with transaction():
        _lock(answer.question)
        answer.deleted_at = now()
        _unaccept(answer)
        count_answers(answer.question)
        answer_deleted.send(answer)


def count_answers(question: Question) -> None:
    """Keep how many answers everyone sees."""
    present = select(func.count()).where(
        Answer.question_id == question.id, Answer.deleted_at.is_(None), Answer.hidden_at.is_(None)
    )
    question.answer_count = db.session.scalar(present) or 0


def _write(
    question: Question,
    *,
    title: str,
    body: str,
    roles: Iterable[str],
    topics: Iterable[str],
    country: str | None,
    language: str,
) -> None:
    question.title, question.body, question.gist = title, body, plain_words(body, limit=GIST_LENGTH)
    question.roles, question.topics = roles_named(roles), topics_named(topics)
    question.country, question.language = country, language


def _lock(question: Question) -> None:
    """Whoever counts or accepts answers waits for whoever does so now, and reads what that one wrote."""
    db.session.execute(select(Post.id).where(Post.id == question.id).with_for_update())
    db.session.refresh(question)


def _unaccept(answer: Answer) -> None:
    if answer.question.accepted_answer_id == answer.id:
        answer.question.accepted_answer_id = None
