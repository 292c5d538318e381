"""Visible questions, their answers, and lists of them with facets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db
from app.forum.facets import Facets, Filters, counted, narrowed
from app.forum.models import Post, post_role, post_topic
from app.forum.queries import POSTS_OF_A_PERSON, PostRow, absent, is_visible, post_rows, visible_posts
from app.questions.models import Answer, Question
from app.refusals import NotThere

SORTS = ("new", "unanswered", "active")
FACETS = {
    "role": post_role.c.role_id,
    "topic": post_topic.c.topic_id,
    "country": Post.country,
    "language": Post.language,
}


def visible_questions(viewer: Viewer) -> Select[Question]:
    """Questions the viewer may know exist; every other question query starts here."""
    return select(Question).where(Post.kind == "question", is_visible(viewer))


def visible_question(viewer: Viewer, question_id: int) -> Question:
    """The question with its author and group. Raises what `absent` says."""
    wanted = visible_questions(viewer).where(Question.id == question_id)
    question = db.session.scalar(wanted.options(joinedload(Question.author), joinedload(Question.group)))
    if question is None:
        raise absent(viewer, question_id)
    return question


def visible_answer(viewer: Viewer, answer_id: int) -> Answer:
    """An answer to a question that the viewer may see. Raises NotThere."""
    answers = select(Answer).join(Question, Question.id == Answer.question_id).where(is_visible(viewer))
    present = answers.where(Answer.id == answer_id, Answer.deleted_at.is_(None))
    if not viewer.is_moderator:
        present = present.where(Answer.hidden_at.is_(None))
    answer = db.session.scalar(present.options(joinedload(Answer.question)))
    if answer is None:
        raise NotThere("This answer is not here.")
    return answer


@dataclass(frozen=True)
class AnswerRow:
    """One answer as a page shows it."""

    id: int
    body: str
    created_at: datetime
    is_hidden: bool
    is_accepted: bool
    author: Author

    @property
    def author_id(self) -> int:
        return self.author.id


def answers_to(viewer: Viewer, question: Question) -> list[AnswerRow]:
    """The accepted answer first, then the others as they came; hidden ones for moderators alone."""
    columns = (Answer.id, Answer.body, Answer.created_at, Answer.hidden_at)
    people = (User.id.label("author_id"), User.name, User.display_name, User.kind)
    present = select(*columns, *people).join(User, User.id == Answer.author_id)
    present = present.where(Answer.question_id == question.id, Answer.deleted_at.is_(None))
    if not viewer.is_moderator:
        present = present.where(Answer.hidden_at.is_(None))
    found = db.session.execute(present.order_by(Answer.created_at, Answer.id))
    rows = [
        AnswerRow(
            row.id,
            row.body,
            row.created_at,
            is_hidden=row.hidden_at is not None,
            is_accepted=row.id == question.accepted_answer_id,
            author=Author(row.author_id, row.name, row.display_name, row.kind),
        )
        for row in found
    ]
    return sorted(rows, key=lambda row: not row.is_accepted)


def filtered_questions(viewer: Viewer, filters: Filters) -> Select[Question]:
    """In the order that the filters ask for."""
    latest = Post.active_at if filters.sort == "active" else Post.published_at
    narrow = narrowed(_listed(viewer, filters), FACETS, filters.chosen)
    return narrow.order_by(latest.desc(), Post.id.desc())


def question_rows(questions: Select[Any]) -> list[PostRow]:
    """Rows for refined `visible_questions`, in their order, with what is known of answers in `extra`; two queries."""
    return post_rows(questions.add_columns(Question.answer_count, Question.accepted_answer_id))


def facets_of(viewer: Viewer, filters: Filters, names: Mapping[str, Mapping[str, str]]) -> Facets:
    """Each facet is counted over what the other ones leave; one query. `names` as from `tag_names`."""
    return counted(_listed(viewer, filters), FACETS, filters.chosen).as_facets(filters.chosen, names)


def questions_answered_by(viewer: Viewer, person: User) -> list[PostRow]:
    """Questions that a person answered, newest first, as far as the viewer may see them."""
    answered = select(Answer.question_id).where(
        Answer.author_id == person.id, Answer.deleted_at.is_(None), Answer.hidden_at.is_(None)
    )
    questions = visible_posts(viewer).where(Post.id.in_(answered))
    return post_rows(questions.order_by(Post.published_at.desc(), Post.id.desc()).limit(POSTS_OF_A_PERSON))


def _listed(viewer: Viewer, filters: Filters) -> Select[Question]:
    """What the list holds before anything is chosen in a facet."""
    questions = visible_questions(viewer)
    return questions.where(Question.answer_count == 0) if filters.sort == "unanswered" else questions
