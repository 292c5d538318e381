"""Visible questions, their answers, and lists of them with facets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import ColumnElement, Select, func, literal, select, union_all
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.database import db
from app.forum.models import Post, Revision, post_role, post_topic
from app.forum.queries import POSTS_OF_A_PERSON, PostRow, absent, is_visible, post_rows, visible_posts
from app.questions.models import Answer, Question
from app.refusals import NotThere
from app.taxonomy.queries import all_roles, all_topics

SORTS = ("new", "unanswered", "active")
FACETS = ("role", "topic", "country", "language")


def visible_questions(viewer: Viewer) -> Select[Question]:
    """Questions the viewer may know exist; every other question query starts here."""
    return select(Question).where(Post.kind == "question", is_visible(viewer))


def unanswered_questions(viewer: Viewer) -> Select[Question]:
    """Newest first."""
    return filtered_questions(viewer, Filters(sort="unanswered"))


def visible_question(viewer: Viewer, question_id: int) -> Question:
    """The question with its author and group. Raises NotThere, or Gone when it was deleted."""
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


def revisions_of(question: Question) -> Sequence[Revision]:
    """Newest first, with their authors."""
    revisions = select(Revision).where(Revision.post_id == question.id).options(joinedload(Revision.author))
    return db.session.scalars(revisions.order_by(Revision.number.desc())).all()


def revision_of(question: Question, number: int) -> Revision:
    """Raises NotThere."""
    revisions = select(Revision).where(Revision.post_id == question.id, Revision.number == number)
    revision = db.session.scalar(revisions.options(joinedload(Revision.author)))
    if revision is None:
        raise NotThere("This question has no such revision.")
    return revision


@dataclass(frozen=True)
class Filters:
    """What a reader chose in a list's address: one of SORTS, and values of FACETS.

    Values of one facet widen, facets narrow.
    """

    sort: str = SORTS[0]
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def arguments(self, **changes: Any) -> dict[str, Any]:
        """The arguments of the list's address after these changes; what everyone gets anyway is left out."""
        wanted = {"sort": self.sort, **self.chosen, **changes}
        return {name: value for name, value in wanted.items() if value and value != SORTS[0]}

    def without(self, facet: str, value: str) -> dict[str, Any]:
        """The arguments of the address that no longer asks for this value."""
        return self.arguments(**{facet: tuple(each for each in self.chosen[facet] if each != value)})


@dataclass(frozen=True)
class FacetValue:
    """A value to filter by, and how many questions have it."""

    id: str
    name: str
    """Empty for codes, whose name depends on the reader."""
    count: int
    is_chosen: bool


@dataclass(frozen=True)
class Facets:
    """How many questions the filters leave and, by facet, how many each value would leave: most first."""

    total: int
    values: Mapping[str, list[FacetValue]]


def filtered_questions(viewer: Viewer, filters: Filters) -> Select[Question]:
    """In the order that the filters ask for."""
    latest = Post.active_at if filters.sort == "active" else Post.published_at
    return visible_questions(viewer).where(*_conditions(filters)).order_by(latest.desc(), Post.id.desc())


def question_rows(questions: Select[Any]) -> list[PostRow]:
    """Rows for refined `visible_questions`, in their order, with what is known of answers in `extra`; two queries."""
    return post_rows(questions.add_columns(Question.answer_count, Question.accepted_answer_id))


def tag_names() -> dict[str, dict[str, str]]:
    """The names of all roles and topics by facet and id, in their order; two queries."""
    roles, topics = all_roles(), all_topics()
    return {"role": {role.id: role.name for role in roles}, "topic": {topic.id: topic.name for topic in topics}}


def facets_of(viewer: Viewer, filters: Filters, names: Mapping[str, Mapping[str, str]]) -> Facets:
    """Each facet is counted over what the other ones leave; one query. `names` as from `tag_names`."""
    counts: dict[str, dict[str, int]] = {facet: {} for facet in ("total", *FACETS)}
    for facet, value, count in db.session.execute(_counts(viewer, filters)):
        counts[facet][value] = count
    values = {facet: _values(counts[facet], filters.chosen.get(facet, ()), names.get(facet, {})) for facet in FACETS}
    return Facets(counts["total"].get("", 0), values)


def _conditions(filters: Filters, *, but: str | None = None) -> list[ColumnElement[bool]]:
    """What the filters ask of a question, leaving one facet out."""
    conditions = [_has(facet, values) for facet, values in filters.chosen.items() if values and facet != but]
    if filters.sort == "unanswered":
        conditions.append(Question.answer_count == 0)
    return conditions


def _has(facet: str, values: Sequence[str]) -> ColumnElement[bool]:
    if facet == "role":
        return Post.id.in_(select(post_role.c.post_id).where(post_role.c.role_id.in_(values)))
    if facet == "topic":
        return Post.id.in_(select(post_topic.c.post_id).where(post_topic.c.topic_id.in_(values)))
    return cast("ColumnElement[bool]", getattr(Post, facet).in_(values))


def _counts(viewer: Viewer, filters: Filters) -> Select[str, str, int]:
    """(facet, value, count), and the number of all under `total`."""

    def left(facet: str) -> Select[int]:
        questions = visible_questions(viewer).where(*_conditions(filters, but=facet))
        return questions.with_only_columns(Post.id, maintain_column_froms=True)

    def counted(facet: str, value: Any, post_id: Any = Post.id) -> Select[Any]:
        columns = (literal(facet).label("facet"), value.label("value"), func.count().label("count"))
        return select(*columns).where(post_id.in_(left(facet)), value.is_not(None)).group_by(value)

    total = select(literal("total"), literal(""), func.count()).where(Post.id.in_(left("total")))
    every = union_all(
        counted("role", post_role.c.role_id, post_role.c.post_id),
        counted("topic", post_topic.c.topic_id, post_topic.c.post_id),
        counted("country", Post.country),
        counted("language", Post.language),
        total,
    ).subquery()
    return select(every)


def _values(counts: Mapping[str, int], chosen: Sequence[str], names: Mapping[str, str]) -> list[FacetValue]:
    shown = {**dict.fromkeys(chosen, 0), **counts}
    values = [FacetValue(id, names.get(id, ""), count, id in chosen) for id, count in shown.items()]
    return sorted(values, key=lambda value: (-value.count, value.name, value.id))


def questions_answered_by(viewer: Viewer, person: User) -> list[PostRow]:
    """Questions that a person answered, newest first, as far as the viewer may see them."""
    answered = select(Answer.question_id).where(
        Answer.author_id == person.id, Answer.deleted_at.is_(None), Answer.hidden_at.is_(None)
    )
    questions = visible_posts(viewer).where(Post.id.in_(answered))
    return post_rows(questions.order_by(Post.published_at.desc(), Post.id.desc()).limit(POSTS_OF_A_PERSON))
