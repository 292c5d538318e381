"""Everything that can be found: its text, and how a list shows it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Table, and_, bindparam, literal, or_, select, union_all

from app.accounts.models import User, Viewer, user_role, user_topic
from app.accounts.queries import Author
from app.course.models import Nugget, Resource, nugget_topic, resource_role, resource_topic
from app.course.queries import nugget_address, resource_address
from app.database import db
from app.forum.models import Post, post_needed_role, post_role, post_topic, slug_of
from app.forum.queries import is_visible, tags_of
from app.groups.models import Group
from app.ideas.models import SECTIONS, Idea
from app.questions.models import Answer, Question
from app.taxonomy.models import Role, Topic

Kind = str
"""idea, question, answer, nugget, resource or person."""
Key = tuple[Kind, int]
QUESTION = Question.__table__
CONTENT_VERSION = 1
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
    extra_words: str = ""
    """Found by words, not matched by meaning: a publisher, the answers to a question."""

    @property
    def key(self) -> Key:
        return self.kind, self.id

    @property
    def digest(self) -> str:
        """Differs whenever anything that is embedded or ranked by does."""
        tags = [sorted(self.topics), sorted(self.roles), sorted(self.needed_roles)]
        facts = [self.language, self.group_id, self.country, tags, self.extra_words]
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
class SubjectRow:
    """A found subject as a list shows it."""

    kind: Kind
    id: int
    address: str
    title: str
    gist: str
    language: str
    country: str | None = None
    author: Author | None = None
    written_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What only some kinds have: minutes, publisher, year, type, module, answered, group."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Names by id."""
    roles: Mapping[str, str] = field(default_factory=dict)
    needed_roles: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> Key:
        return self.kind, self.id


def subject_rows(viewer: Viewer, keys: Iterable[Key]) -> dict[Key, SubjectRow]:
    """Rows of those of these subjects that the viewer may see, in no order."""
    ids: dict[Kind, list[int]] = defaultdict(list)
    for kind, subject_id in keys:
        ids[kind].append(subject_id)
    tags = _tags_by_key(ids) if ids else {}
    return {row.key: row for kind, wanted in ids.items() for row in _ROWS[kind](viewer, wanted, tags)}


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
            select(literal("person"), User.id).where(User.id.in_(people), or_(User.may_be_asked, User.id == viewer.id)),
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
        sections = {"title": question.title} | ({"body": question.body} if question.body else {})
        yield _post_text(
            "question", question, is_private, sections, tags[question.id], "\n\n".join(answers[question.id])
        )


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
        select(Answer, Question.title, Question.language, Question.group_id, Group.is_private)
        .join(Question, Question.id == Answer.question_id)
        .join(Group, Group.id == Question.group_id)
        .where(Answer.id.in_(ids), Answer.deleted_at.is_(None), Answer.hidden_at.is_(None))
        .where(Post.deleted_at.is_(None), Post.hidden_at.is_(None))
    )
    for answer, title, language, group_id, is_private in db.session.execute(found):
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
            extra_words=resource.publisher,
        )


def _person_texts(ids: Sequence[int]) -> Iterator[SubjectText]:
    topics = _ids_by_subject(user_topic, "user_id", "topic_id", ids)
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


class Tagging(NamedTuple):
    """Names by id, as a row shows them."""

    topics: dict[str, str]
    roles: dict[str, str]
    needed_roles: dict[str, str]


def _tags_by_key(ids: Mapping[Kind, Sequence[int]]) -> defaultdict[Key, Tagging]:
    """How these subjects are tagged, in one query."""
    tags: defaultdict[Key, Tagging] = defaultdict(lambda: Tagging({}, {}, {}))
    for kind, subject_id, place, tag, name, _ in db.session.execute(
        _ALL_TAGS, {kind: ids.get(kind, []) for kind in _ROWS}
    ):
        getattr(tags[kind, subject_id], place)[tag] = name
    return tags


Tags = Mapping[Key, Tagging]


def _post_rows(viewer: Viewer, ids: Sequence[int], tags: Tags) -> Iterator[SubjectRow]:
    found = (
        select(Post.kind, Post.id, Post.title, Post.gist, Post.language, Post.country, Post.published_at)
        .add_columns(QUESTION.c.answer_count, QUESTION.c.accepted_answer_id, Group.name, Group.is_private)
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(User, User.id == Post.author_id)
        .join(Group, Group.id == Post.group_id)
        .outerjoin(QUESTION, QUESTION.c.id == Post.id)
        .where(Post.id.in_(ids), is_visible(viewer))
    )
    for row in db.session.execute(found):
        kind, post_id, title, gist, language, country, written_at, answers, accepted, group, is_private, *author = row
        yield SubjectRow(
            kind=kind,
            id=post_id,
            address=f"/{kind}s/{post_id}/{slug_of(title)}",
            title=title,
            gist=gist,
            language=language,
            country=country,
            author=Author(*author),
            written_at=written_at,
            facts={"answers": answers, "is_answered": accepted is not None, "group": group if is_private else None},
            **tags[kind, post_id]._asdict(),
        )


def _nugget_rows(_viewer: Viewer, ids: Sequence[int], tags: Tags) -> Iterator[SubjectRow]:
    columns = (Nugget.id, Nugget.key, Nugget.title, Nugget.summary, Nugget.minutes, Nugget.type, Nugget.module_number)
    for nugget in db.session.execute(select(*columns).where(Nugget.id.in_(ids))):
        yield SubjectRow(
            kind="nugget",
            id=nugget.id,
            address=nugget_address(nugget.key),
            title=nugget.title,
            gist=nugget.summary,
            language="en",
            facts={"minutes": nugget.minutes, "type": nugget.type, "module": nugget.module_number},
            **tags["nugget", nugget.id]._asdict(),
        )


def _resource_rows(_viewer: Viewer, ids: Sequence[int], tags: Tags) -> Iterator[SubjectRow]:
    shown = (Resource.id, Resource.key, Resource.title, Resource.summary, Resource.languages)
    facts = (Resource.publisher, Resource.year, Resource.type, Resource.module_number.label("module"))
    for resource in db.session.execute(select(*shown, *facts).where(Resource.id.in_(ids))):
        yield SubjectRow(
            kind="resource",
            id=resource.id,
            address=resource_address(resource.key),
            title=resource.title,
            gist=resource.summary,
            language=resource.languages[0] if resource.languages else "en",
            facts={fact.key: getattr(resource, fact.key) for fact in facts},
            **tags["resource", resource.id]._asdict(),
        )


def _person_rows(_viewer: Viewer, ids: Sequence[int], tags: Tags) -> Iterator[SubjectRow]:
    shown = (User.id, User.name, User.display_name, User.kind, User.offers, User.about)
    facts = (User.languages, User.country, User.organisation)
    for person in db.session.execute(select(*shown, *facts).where(User.id.in_(ids), User.kind != "imported")):
        yield SubjectRow(
            kind="person",
            id=person.id,
            address=f"/u/{person.name}",
            title=person.display_name,
            gist=person.offers or person.about,
            language=person.languages[0] if person.languages else "en",
            country=person.country,
            author=Author(person.id, person.name, person.display_name, person.kind),
            facts={"organisation": person.organisation, "languages": person.languages},
            **tags["person", person.id]._asdict(),
        )


_TAG_TABLES: tuple[tuple[Kind, str, str, Table, type[Topic] | type[Role]], ...] = (
    *(
        (kind, "post_id", place, table, model)
        for kind in ("idea", "question")
        for place, table, model in (
            ("topics", post_topic, Topic),
            ("roles", post_role, Role),
            ("needed_roles", post_needed_role, Role),
        )
    ),
    ("nugget", "nugget_id", "topics", nugget_topic, Topic),
    ("resource", "resource_id", "topics", resource_topic, Topic),
    ("resource", "resource_id", "roles", resource_role, Role),
    ("person", "user_id", "topics", user_topic, Topic),
    ("person", "user_id", "roles", user_role, Role),
)


def _all_tags() -> Select[Any]:
    """The tags of the subjects in the parameters, by kind; built once, as building takes longer than running."""
    parts = [
        select(literal(kind).label("kind"), table.c[column].label("id"), literal(place).label("place"))
        .add_columns(model.id.label("tag"), model.name.label("name"), model.position.label("position"))
        .join(model, model.id == table.c["topic_id" if model is Topic else "role_id"])
        .where(table.c[column].in_(bindparam(kind, expanding=True)))
        for kind, column, place, table, model in _TAG_TABLES
    ]
    every = union_all(*parts).subquery()
    return select(every).order_by(every.c.position, every.c.tag)


_ALL_TAGS = _all_tags()
_LOADERS = {
    "idea": _idea_texts,
    "question": _question_texts,
    "answer": _answer_texts,
    "nugget": _nugget_texts,
    "resource": _resource_texts,
    "person": _person_texts,
}
_ROWS = {
    "idea": _post_rows,
    "question": _post_rows,
    "nugget": _nugget_rows,
    "resource": _resource_rows,
    "person": _person_rows,
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
