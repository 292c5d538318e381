"""Visible questions, their answers, and lists of them with facets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, TableClause, column, exists, false, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author
from app.course.models import Nugget, Resource
from app.course.queries import nugget_address, resource_address
from app.database import db
from app.diffs import Budget, Difference, difference
from app.forum.facets import Facets, Filters, counted, narrowed, tag_names
from app.forum.models import Comment, Follow, Post, Revision, post_role, post_topic
from app.forum.queries import (
    POSTS_OF_A_PERSON,
    PostRow,
    Tag,
    absent,
    address_of,
    is_visible,
    post_address,
    post_rows,
    tells_of_posts,
    visible_posts,
)
from app.pages import PAGE_SIZE
from app.questions.models import Answer, AnswerRevision, AnswerSupport, Question, QuestionToo
from app.refusals import Moved, NotThere

SORTS = ("new", "unanswered", "unaccepted", "active")
SORTS_OF_MEMBERS = ("new", "unanswered", "unaccepted", "fields", "mine", "active")
LINKS = {"idea": Question.idea_id, "nugget": Question.nugget_id, "resource": Question.resource_id}
"""Where a question keeps what it is about, by its kind."""
ABOUT = re.compile(rf"({'|'.join(LINKS)})-([1-9]\d{{0,8}})")
LOCAL_QUESTION = re.compile(r"/questions/([1-9]\d{0,8})(?:[/?][^\s#]*)?(?:#(?:answer-([1-9]\d{0,8})|\S*))?")
LOCAL_ANSWER = re.compile(r"/answers/([1-9]\d{0,8})")
FIELDS = TableClause("person_field", column("person_id"), column("topic_id"))
"""What people know, as a higher room computes it."""
TAGGED = (("role", "roles"), ("topic", "topics"))
"""Facets, and where a revision keeps their tags."""
SHOWN_ABOUT = 5
"""Questions on the page of what they are about."""
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
    """The question with its author and group. Raises Moved when it became a comment, else what `absent` says."""
    wanted = visible_questions(viewer).where(Question.id == question_id)
    loaded = (joinedload(each) for each in (Question.author, Question.group, Question.closed_by))
    question = db.session.scalar(wanted.options(*loaded))
    if question is None:
        if comment := _comment_become_of(viewer, question_id):
            raise Moved(_("This question is a comment on an idea now."), address=_address_of(comment))
        raise absent(viewer, question_id)
    return question


def visible_answer(viewer: Viewer, answer_id: int) -> Answer:
    """An answer to a question that the viewer may see. Raises NotThere."""
    wanted = _visible_answers(viewer).where(Answer.id == answer_id)
    answer = db.session.scalar(wanted.options(joinedload(Answer.question)))
    if answer is None:
        raise NotThere(_("This answer is not here."))
    return answer


def _visible_answers(viewer: Viewer) -> Select[Answer]:
    answers = select(Answer).join(Question, Question.id == Answer.question_id).where(is_visible(viewer))
    present = answers.where(Answer.deleted_at.is_(None))
    return present if viewer.is_moderator else present.where(Answer.hidden_at.is_(None))


@dataclass(frozen=True)
class AnswerRow:
    """One answer as a page shows it."""

    id: int
    body: str
    sources: list[str]
    created_at: datetime
    edited_at: datetime | None
    support_count: int
    is_supported: bool
    """By the viewer."""
    is_hidden: bool
    is_accepted: bool
    author: Author

    @property
    def author_id(self) -> int:
        return self.author.id


def answers_to(viewer: Viewer, question: Question) -> list[AnswerRow]:
    """The accepted one first, then what helped most people, then as they came; hidden ones for moderators alone."""
    columns = (Answer.id, Answer.body, Answer.sources, Answer.created_at, Answer.edited_at, Answer.support_count)
    said = select(AnswerSupport).where(AnswerSupport.answer_id == Answer.id, AnswerSupport.user_id == viewer.id)
    is_supported = (said.exists() if viewer.is_signed_in else false()).label("is_supported")
    people = (User.id.label("author_id"), User.name, User.display_name, User.kind)
    present = select(*columns, Answer.hidden_at, is_supported, *people).join(User, User.id == Answer.author_id)
    present = present.where(Answer.question_id == question.id, Answer.deleted_at.is_(None))
    if not viewer.is_moderator:
        present = present.where(Answer.hidden_at.is_(None))
    found = db.session.execute(present.order_by(Answer.support_count.desc(), Answer.created_at, Answer.id))
    rows = [
        AnswerRow(
            row.id,
            row.body,
            row.sources,
            row.created_at,
            row.edited_at,
            row.support_count,
            is_supported=bool(row.is_supported),
            is_hidden=row.hidden_at is not None,
            is_accepted=row.id == question.accepted_answer_id,
            author=Author(row.author_id, row.name, row.display_name, row.kind),
        )
        for row in found
    ]
    return sorted(rows, key=lambda row: not row.is_accepted)


def answer_revisions(answer: Answer, *, number: int) -> Sequence[AnswerRevision]:
    """A page of them, newest first, with their authors, and the one after these; one query."""
    revisions = select(AnswerRevision).where(AnswerRevision.answer_id == answer.id)
    here = revisions.order_by(AnswerRevision.number.desc()).limit(PAGE_SIZE + 1).offset((number - 1) * PAGE_SIZE)
    return db.session.scalars(here.options(joinedload(AnswerRevision.author))).all()


def answer_revision(answer: Answer, number: int) -> AnswerRevision:
    """The revision with its author. Raises NotThere."""
    revisions = select(AnswerRevision).where(AnswerRevision.answer_id == answer.id, AnswerRevision.number == number)
    revision = db.session.scalar(revisions.options(joinedload(AnswerRevision.author)))
    if revision is None:
        raise NotThere(_("There is no such revision."))
    return revision


def changed_in_question(question: Question, *, since: int) -> dict[str, Difference]:
    """What reads otherwise than in a revision, by field; nothing when there is no such revision."""
    wanted = select(Revision.title, Revision.sections)
    found = db.session.execute(wanted.where(Revision.post_id == question.id, Revision.number == since)).one_or_none()
    before = {"title": found.title, **found.sections} if found else {}
    written = ("title", "body", "tried", "place")
    return _changed((name, before[name], getattr(question, name)) for name in written if name in before)


def changed_in_answer(answer: Answer, *, since: int) -> dict[str, Difference]:
    """As for a question."""
    wanted = select(AnswerRevision.body, AnswerRevision.sources)
    found = db.session.execute(wanted.where(AnswerRevision.answer_id == answer.id, AnswerRevision.number == since))
    before = found.one_or_none()
    if before is None:
        return {}
    sources = "\n".join(before.sources), "\n".join(answer.sources)
    return _changed([("body", before.body, answer.body), ("sources", *sources)])


def _changed(texts: Iterable[tuple[str, str, str]]) -> dict[str, Difference]:
    budget = Budget()
    return {name: difference(before, after, budget=budget) for name, before, after in texts if before != after}


@dataclass(frozen=True)
class Subject:
    """The idea, nugget or resource that a question is about."""

    kind: str
    id: int
    title: str
    address: str
    language: str = "en"
    group_id: int | None = None
    """That of an idea."""

    @property
    def about(self) -> str:
        """As a form holds it."""
        return f"{self.kind}-{self.id}"


def subject_of(viewer: Viewer, question: Question) -> Subject | None:
    """What the question is about, if the viewer may see it."""
    for kind, link in LINKS.items():
        if (subject_id := getattr(question, link.key)) is not None:
            return _subject(viewer, kind, subject_id)
    return None


def subject_named(viewer: Viewer, about: str) -> Subject | None:
    """What a form names as "idea-7", if it is there and the viewer may see it."""
    named = ABOUT.fullmatch(about)
    return _subject(viewer, named[1], int(named[2])) if named else None


def _subject(viewer: Viewer, kind: str, subject_id: int) -> Subject | None:
    if kind == "idea":
        ideas = visible_posts(viewer).where(Post.kind == "idea", Post.id.in_(_with_what_took_it_in(subject_id)))
        columns = (Post.id, Post.title, Post.language, Post.group_id)
        idea = db.session.execute(ideas.with_only_columns(*columns)).one_or_none()
        return idea and Subject(kind, idea.id, idea.title, address_of(kind, idea.id, idea.title), *idea[2:])
    model, address = (Nugget, nugget_address) if kind == "nugget" else (Resource, resource_address)
    piece = db.session.execute(select(model.key, model.title).where(model.id == subject_id)).one_or_none()
    return piece and Subject(kind, subject_id, piece.title, address(piece.key))


def questions_about(viewer: Viewer, kind: str, subject_id: int) -> list[PostRow]:
    """The newest questions about an idea, or what was merged into it, or about a nugget or resource, as
    `question_rows`."""
    subjects = _with_what_it_took_in(subject_id) if kind == "idea" else [subject_id]
    about = visible_questions(viewer).where(LINKS[kind].in_(subjects), Post.hidden_at.is_(None))
    return question_rows(about.order_by(Post.published_at.desc(), Post.id.desc()).limit(SHOWN_ABOUT))


def _with_what_took_it_in(idea_id: int) -> Select[int]:
    """Ids of an idea and, if it was merged, of those that it became part of; a viewer sees the last of them at most."""
    ideas = Post.__table__.alias()
    here = select(ideas.c.id, ideas.c.merged_into_id).where(ideas.c.id == idea_id).cte(recursive=True)
    further = ideas.alias()
    onward = select(further.c.id, further.c.merged_into_id).where(further.c.id == here.c.merged_into_id)
    return select(here.union(onward).c.id)


def _with_what_it_took_in(idea_id: int) -> Select[int]:
    """Ids of an idea and of all that were merged into it, one after the other."""
    ideas = Post.__table__.alias()
    here = select(ideas.c.id).where(ideas.c.id == idea_id).cte(recursive=True)
    further = ideas.alias()
    return select(here.union(select(further.c.id).where(further.c.merged_into_id == here.c.id)).c.id)


def revised_facts(viewer: Viewer, revision: Revision) -> dict[str, Any]:
    """What a question was about, as far as the viewer may see it, its tags as they are called now, and when it was
    needed; a revision of long ago says nothing of some of these."""
    kept, names = revision.sections, tag_names()
    tags = {
        kind: [Tag(each, names[facet][each]) for each in kept.get(kind, []) if each in names[facet]]
        for facet, kind in TAGGED
    }
    needed_by = date.fromisoformat(kept["needed_by"]) if kept.get("needed_by") else None
    return {"about": subject_named(viewer, kept.get("about", "")), "needed_by": needed_by, **tags}


@dataclass(frozen=True)
class Titled:
    """A question, or a page elsewhere, as a link shows it."""

    address: str
    title: str
    language: str | None = None
    """None for a page elsewhere."""


def questions_from_comments(viewer: Viewer, post_id: int) -> dict[int, Titled]:
    """Those that were asked as comments on a post first, by comment; one query."""
    asked = visible_questions(viewer).join(Comment, Comment.id == Question.from_comment_id)
    asked = asked.where(Comment.post_id == post_id, Post.hidden_at.is_(None))
    found = db.session.execute(
        asked.with_only_columns(Comment.id, Question.id.label("question_id"), Post.title, Post.language)
    )
    return {
        comment_id: Titled(address_of("question", question_id, title), title, language)
        for comment_id, question_id, title, language in found
    }


def question_from(viewer: Viewer, comment: Comment) -> Question | None:
    """The question that the comment was asked as, if the viewer may see it."""
    return db.session.scalar(visible_questions(viewer).where(Question.from_comment_id == comment.id))


def is_asked(comment: Comment) -> bool:
    """As a question that is still there, whoever may see it."""
    asked = select(Question.id).where(Question.from_comment_id == comment.id, Question.deleted_at.is_(None))
    return db.session.scalar(asked) is not None


def answered_elsewhere(viewer: Viewer, question: Question) -> Titled | None:
    """Where a closed question is answered, if that is said and the viewer may see it: also what became a comment
    since."""
    if not question.elsewhere:
        return None
    local = LOCAL_QUESTION.fullmatch(question.elsewhere)
    if local is None:
        return Titled(question.elsewhere, urlsplit(question.elsewhere).hostname or question.elsewhere)
    other_id, anchor = int(local[1]), f"#answer-{local[2]}" if local[2] else ""
    other = visible_posts(viewer).where(Post.kind == "question", Post.id == other_id)
    found = db.session.execute(other.with_only_columns(Post.title, Post.language)).one_or_none()
    if found:
        return Titled(address_of("question", other_id, found.title) + anchor, found.title, found.language)
    comment = _comment_become_of(viewer, other_id)
    return Titled(_address_of(comment), comment.post.title, comment.post.language) if comment else None


def is_local_address(address: str) -> bool:
    """Whether a path leads to a question or an answer of this site."""
    return bool(LOCAL_QUESTION.fullmatch(address) or LOCAL_ANSWER.fullmatch(address))


def local_address(viewer: Viewer, address: str) -> tuple[int, int | None] | None:
    """The question, and the answer to it, that such a path leads to, as far as the viewer may see them: their ids."""
    if answer := LOCAL_ANSWER.fullmatch(address):
        answered_id = db.session.scalar(_answered(viewer, int(answer[1])))
        return (answered_id, int(answer[1])) if answered_id else None
    question = LOCAL_QUESTION.fullmatch(address)
    if question is None or db.session.scalar(visible_questions(viewer).where(Question.id == int(question[1]))) is None:
        return None
    is_on_it = question[2] and db.session.scalar(_answered(viewer, int(question[2]))) == int(question[1])
    return int(question[1]), int(question[2]) if is_on_it else None


def _answered(viewer: Viewer, answer_id: int) -> Select[int]:
    """The id of the question, if the viewer sees the answer."""
    return _visible_answers(viewer).where(Answer.id == answer_id).with_only_columns(Answer.question_id)


@tells_of_posts
def tell_whether_had_too(viewer: Viewer, question_id: int) -> dict[str, ColumnElement[Any]]:
    return {"has_too": exists().where(QuestionToo.question_id == question_id, QuestionToo.user_id == viewer.id)}


def idea_to_comment_on(viewer: Viewer, question: Question) -> Post | None:
    """The idea on which a comment can take the question's place: what was said in a group stays in it, and what is
    hidden stays hidden."""
    if question.deleted_at is not None or question.hidden_at is not None or question.idea_id is None:
        return None
    ideas = visible_posts(viewer).where(Post.kind == "idea", Post.id.in_(_with_what_took_it_in(question.idea_id)))
    return db.session.scalar(ideas.where(Post.group_id == question.group_id, Post.hidden_at.is_(None)))


def answers_shown(question: Question) -> Sequence[Answer]:
    """Those that everyone sees, with their authors, as they came."""
    present = select(Answer).where(
        Answer.question_id == question.id, Answer.deleted_at.is_(None), Answer.hidden_at.is_(None)
    )
    return db.session.scalars(present.options(joinedload(Answer.author)).order_by(Answer.created_at, Answer.id)).all()


def comments_shown(question: Question) -> Sequence[Comment]:
    """Those that everyone sees, with their authors, as they came."""
    present = select(Comment).where(
        Comment.post_id == question.id, Comment.deleted_at.is_(None), Comment.hidden_at.is_(None)
    )
    return db.session.scalars(present.options(joinedload(Comment.author)).order_by(Comment.id)).all()


def followers_of(question: Question) -> Sequence[User]:
    """Whoever wants to hear of it."""
    following = select(User).join(Follow, Follow.user_id == User.id).where(Follow.post_id == question.id)
    return db.session.scalars(following.order_by(User.id)).all()


def _comment_become_of(viewer: Viewer, question_id: int) -> Comment | None:
    """That stands in the question's place now."""
    question = Question.__table__.c
    became = select(question.became_comment_id).where(question.id == question_id).scalar_subquery()
    comments = select(Comment).join(Post, Post.id == Comment.post_id).where(Comment.id == became, is_visible(viewer))
    present = comments.where(Comment.deleted_at.is_(None), Comment.hidden_at.is_(None))
    return db.session.scalar(present.options(joinedload(Comment.post)))


def _address_of(comment: Comment) -> str:
    return f"{post_address(comment.post)}#comment-{comment.id}"


def filtered_questions(viewer: Viewer, filters: Filters) -> Select[Question]:
    """In the order that the filters ask for."""
    latest = Post.active_at if filters.sort == "active" else Post.published_at
    narrow = narrowed(_listed(viewer, filters), FACETS, filters.chosen)
    return narrow.order_by(latest.desc(), Post.id.desc())


def question_rows(questions: Select[Any]) -> list[PostRow]:
    """Rows for refined `visible_questions`, in their order, with what is known of answers in `extra`; two queries."""
    return post_rows(questions.add_columns(Question.answer_count, Question.accepted_answer_id, Question.closed_at))


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


def has_fields(viewer: Viewer) -> bool:
    """Whether the viewer knows anything, as far as the site can tell."""
    return bool(db.session.scalar(select(exists().where(FIELDS.c.person_id == viewer.id))))


def _listed(viewer: Viewer, filters: Filters) -> Select[Question]:
    """What the list holds before anything is chosen in a facet."""
    questions, is_open = visible_questions(viewer), Question.closed_at.is_(None)
    if filters.sort == "unanswered":
        return questions.where(is_open, Question.answer_count == 0)
    if filters.sort == "unaccepted":
        return questions.where(is_open, Question.answer_count > 0, Question.accepted_answer_id.is_(None))
    if filters.sort == "fields":
        answered = select(Answer.question_id).where(Answer.author_id == viewer.id, Answer.deleted_at.is_(None))
        theirs = questions.where(Post.author_id != viewer.id, Post.id.not_in(answered))
        return theirs.where(is_open, Post.id.in_(_on_topics_of(viewer)))
    if filters.sort == "mine":
        too = select(QuestionToo.question_id).where(QuestionToo.user_id == viewer.id)
        return questions.where(or_(Post.author_id == viewer.id, Post.id.in_(too)))
    return questions


def _on_topics_of(viewer: Viewer) -> Select[int]:
    theirs = select(FIELDS.c.topic_id).where(FIELDS.c.person_id == viewer.id)
    return select(post_topic.c.post_id).where(post_topic.c.topic_id.in_(theirs))
