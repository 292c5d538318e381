"""Everything that can be found: its text, and how a list shows it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, literal, or_, select, union_all

from app.accounts.models import User, Viewer, user_role
from app.course.models import Nugget, Resource, nugget_topic, resource_role, resource_topic
from app.database import db
from app.expertise.models import PersonField
from app.forum.models import Post
from app.forum.queries import is_visible, tags_of
from app.groups.models import Group
from app.groups.queries import is_listed_to
from app.ideas.models import SECTIONS, Idea
from app.questions.models import Answer, Question

Kind = str
"""idea, question, answer, nugget, resource or person."""
Key = tuple[Kind, int]
CONTENT_VERSION = 5
"""Of what is kept of each text when it is embedded: a new number has all of it made anew."""
FOUND_KINDS: tuple[Kind, ...] = ("idea", "question", "nugget", "resource", "person")
"""Kinds with an entry of their own in lists; an answer is found through its question."""


@dataclass(frozen=True)
class SubjectText:
    """What can be matched and searched of a subject. Sections are Markdown; the title is the first."""

    kind: Kind
    id: int
    title: str
    sections: Mapping[str, str]
    language: str = "en"
    group_id: int | None = None
    """The group that it belongs to; None for what everyone may see."""
    is_public: bool = True
    author_id: int | None = None
    country: str | None = None
    written_at: datetime | None = None
    topics: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    needed_roles: frozenset[str] = frozenset()
    module: int | None = None
    """Of the course, of a nugget or resource."""
    is_accepted: bool = False
    """An answer that helped whoever asked."""
    extra_words: str = ""
    """Found by words, not matched by meaning: a publisher, the place of a question and its answers."""

    @property
    def key(self) -> Key:
        return self.kind, self.id

    @property
    def digest(self) -> str:
        """Differs whenever anything that is embedded or ranked by does."""
        tags = [sorted(self.topics), sorted(self.roles), sorted(self.needed_roles)]
        facts = [self.language, self.group_id, self.country, tags, self.module, self.is_accepted, self.extra_words]
        whole = repr((CONTENT_VERSION, list(self.sections.items()), *facts))
        return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def subject_texts(kind: Kind, ids: Sequence[int]) -> list[SubjectText]:
    """The texts of those of these subjects that can be found: not deleted, not hidden."""
    if not ids:
        return []
    return list(_LOADERS[kind](ids))


def subject_ids(kind: Kind) -> list[int]:
    """Every subject of a kind that can be found."""
    return list(db.session.scalars(_FINDABLE[kind]))


@dataclass(frozen=True)
class SearchFilters:
    """What a search is narrowed to; None means anything."""

    kind: Kind | None = None
    language: str | None = None
    topic: str | None = None
    role: str | None = None

    def admit(self, *, language: str, topics: Collection[str], roles: Collection[str]) -> bool:
        """All but the kind, which is counted and chosen apart."""
        return (
            self.language in (None, language)
            and (self.topic is None or self.topic in topics)
            and (self.role is None or self.role in roles)
        )


def visible_keys(viewer: Viewer, keys: Iterable[Key]) -> set[Key]:
    """Those of these subjects that the viewer may see, in one query. People are listed with their consent only."""
    ids: dict[Kind, list[int]] = defaultdict(list)
    for kind, subject_id in keys:
        ids[kind].append(subject_id)
    posts, answers, people = ids["idea"] + ids["question"], ids["answer"], ids["person"]
    is_shown = and_(is_visible(viewer), Post.hidden_at.is_(None))  # moderators know of hidden ones, but not from lists
    parts = [
        (posts, select(Post.kind, Post.id).where(Post.id.in_(posts), is_shown)),
        (
            answers,
            select(literal("answer"), Answer.id)
            .join(Post, Post.id == Answer.question_id)
            .where(Answer.id.in_(answers), Answer.deleted_at.is_(None), Answer.hidden_at.is_(None), is_shown),
        ),
        (
            people,
            select(literal("person"), User.id).where(
                User.id.in_(people), or_(is_listed_to(viewer), User.id == viewer.id)
            ),
        ),
    ]
    seen = {(kind, subject_id) for kind in ("nugget", "resource") for subject_id in ids[kind]}
    if asked := [part for wanted, part in parts if wanted]:
        seen |= {(kind, subject_id) for kind, subject_id in db.session.execute(union_all(*asked))}
    return seen


def _posts_to_find(model: type[Idea] | type[Question], ids: Sequence[int]) -> Any:
    return (
        select(model, Group.is_private)
        .join(Group, Group.id == model.group_id)
        .where(model.id.in_(ids), Post.deleted_at.is_(None), Post.hidden_at.is_(None))
    )


def _idea_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    tags = tags_of(ids)
    for idea, is_private in db.session.execute(_posts_to_find(Idea, ids)):
        written = {section.key: getattr(idea, section.key) for section in SECTIONS}
        sections = {"title": idea.title} | {key: text for key, text in written.items() if text}
        yield _post_text("idea", idea, is_private, sections, tags[idea.id])


def _question_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    tags = tags_of(ids)
    answers: dict[int, list[str]] = defaultdict(list)
    present = select(Answer.question_id, Answer.body).where(
        Answer.question_id.in_(ids), Answer.deleted_at.is_(None), Answer.hidden_at.is_(None)
    )
    for question_id, body in db.session.execute(present.order_by(Answer.id)):
        answers[question_id].append(body)
    for question, is_private in db.session.execute(_posts_to_find(Question, ids)):
        written = {"body": question.body, "tried": question.tried}
        sections = {"title": question.title} | {key: text for key, text in written.items() if text}
        further = "\n\n".join(filter(None, [question.place, *answers[question.id]]))
        yield _post_text("question", question, is_private, sections, tags[question.id], further)


def _post_text(
    kind: Kind, post: Post, is_private: bool, sections: dict[str, str], tags: Any, extra_words: str = ""
) -> SubjectText:
    return SubjectText(
        kind=kind,
        id=post.id,
        title=post.title,
        sections=sections,
        language=post.language,
        group_id=post.group_id,
        is_public=not is_private,
        author_id=post.author_id,
        country=post.country,
        written_at=post.published_at,
        topics=frozenset(tag.id for tag in tags.topics),
        roles=frozenset(tag.id for tag in tags.roles),
        needed_roles=frozenset(tag.id for tag in tags.needed_roles),
        extra_words=extra_words,
    )


def _answer_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    found = (
        select(Answer, Question.accepted_answer_id, Question.title, Question.language, Question.group_id)
        .add_columns(Group.is_private)
        .join(Question, Question.id == Answer.question_id)
        .join(Group, Group.id == Question.group_id)
        .where(Answer.id.in_(ids), Answer.deleted_at.is_(None), Answer.hidden_at.is_(None))
        .where(Post.deleted_at.is_(None), Post.hidden_at.is_(None))
    )
    for answer, accepted_id, title, language, group_id, is_private in db.session.execute(found):
        yield SubjectText(
            kind="answer",
            id=answer.id,
            title=title,
            sections={"title": title, "answer": answer.body},
            language=language,
            group_id=group_id,
            is_public=not is_private,
            author_id=answer.author_id,
            written_at=answer.created_at,
            is_accepted=answer.id == accepted_id,
        )


def _nugget_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    topics = _ids_by_subject(nugget_topic, "nugget_id", "topic_id", ids)
    for nugget in db.session.scalars(select(Nugget).where(Nugget.id.in_(ids))):
        yield SubjectText(
            kind="nugget",
            id=nugget.id,
            title=nugget.title,
            sections={"title": nugget.title, "summary": nugget.summary, "activity": nugget.activity},
            topics=topics[nugget.id],
            module=nugget.module_number,
        )


def _resource_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    topics = _ids_by_subject(resource_topic, "resource_id", "topic_id", ids)
    roles = _ids_by_subject(resource_role, "resource_id", "role_id", ids)
    for resource in db.session.scalars(select(Resource).where(Resource.id.in_(ids))):
        yield SubjectText(
            kind="resource",
            id=resource.id,
            title=resource.title,
            sections={"title": resource.title, "summary": resource.summary},
            topics=topics[resource.id],
            roles=roles[resource.id],
            module=resource.module_number,
            extra_words=resource.publisher,
        )


def _person_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    topics = _ids_by_subject(PersonField.__table__, "person_id", "topic_id", ids)
    roles = _ids_by_subject(user_role, "user_id", "role_id", ids)
    people = select(User).where(User.id.in_(ids), User.kind != "imported")
    for person in db.session.scalars(people):
        stated = {"offers": person.offers, "about": person.about}
        yield SubjectText(
            kind="person",
            id=person.id,
            title=person.display_name,
            sections={section: text for section, text in stated.items() if text},
            language=person.languages[0] if person.languages else "en",
            author_id=person.id,
            country=person.country,
            topics=topics[person.id],
            roles=roles[person.id],
            extra_words=f"{person.name} {person.organisation}",
        )


def _ids_by_subject(table: Any, subject: str, tag: str, ids: Sequence[int]) -> dict[int, frozenset[str]]:
    found: dict[int, set[str]] = defaultdict(set)
    for subject_id, tag_id in db.session.execute(
        select(table.c[subject], table.c[tag]).where(table.c[subject].in_(ids))
    ):
        found[subject_id].add(tag_id)
    return defaultdict(frozenset, {subject_id: frozenset(tags) for subject_id, tags in found.items()})


_LOADERS = {
    "idea": _idea_texts,
    "question": _question_texts,
    "answer": _answer_texts,
    "nugget": _nugget_texts,
    "resource": _resource_texts,
    "person": _person_texts,
}
_FINDABLE: dict[Kind, Select[int]] = {
    "idea": select(Post.id).where(Post.kind == "idea", Post.deleted_at.is_(None), Post.hidden_at.is_(None)),
    "question": select(Post.id).where(Post.kind == "question", Post.deleted_at.is_(None), Post.hidden_at.is_(None)),
    "answer": select(Answer.id)
    .join(Post, Post.id == Answer.question_id)
    .where(
        Answer.deleted_at.is_(None), Answer.hidden_at.is_(None), Post.deleted_at.is_(None), Post.hidden_at.is_(None)
    ),
    "nugget": select(Nugget.id),
    "resource": select(Resource.id),
    "person": select(User.id).where(User.kind != "imported"),
}
