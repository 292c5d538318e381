"""How a list shows what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import FromClause, Select, bindparam, literal, select, union_all

from app.accounts.models import User, Viewer, user_role
from app.accounts.queries import Author
from app.course.models import Nugget, Resource, nugget_topic, resource_role, resource_topic
from app.course.queries import nugget_address, resource_address
from app.database import db
from app.expertise.models import PersonField
from app.forum.models import CoAuthor, Post, post_needed_role, post_role, post_topic, slug_of
from app.forum.queries import is_visible, writing_now
from app.groups.models import Group
from app.ideas.models import ARCHIVED, Idea
from app.questions.models import Question
from app.search.queries import Key, Kind
from app.taxonomy.models import Role, Topic

QUESTION = Question.__table__
IDEA = Idea.__table__


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
    """What only some kinds have: minutes, publisher, year, type, module, answers, is_answered, is_closed, is_archived,
    group."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """Names by id."""
    roles: Mapping[str, str] = field(default_factory=dict)
    needed_roles: Mapping[str, str] = field(default_factory=dict)
    co_authors: Mapping[str, str] = field(default_factory=dict)
    """Who writes an idea with its author: shown names by short name."""

    @property
    def key(self) -> Key:
        return self.kind, self.id


def subject_rows(viewer: Viewer, keys: Iterable[Key]) -> dict[Key, SubjectRow]:
    """Rows of those of these subjects that the viewer may see, in no order."""
    ids: dict[Kind, list[int]] = defaultdict(list)
    wanted: dict[Loader, list[int]] = defaultdict(list)
    for kind, subject_id in keys:
        ids[kind].append(subject_id)
        wanted[_ROWS[kind]].append(subject_id)
    tags = _tags_by_key(ids) if ids else {}
    return {row.key: row for load, some in wanted.items() for row in load(viewer, some, tags)}


class Tagging(NamedTuple):
    """Names by id, as a row shows them."""

    topics: dict[str, str]
    roles: dict[str, str]
    needed_roles: dict[str, str]
    co_authors: dict[str, str]


def _tags_by_key(ids: Mapping[Kind, Sequence[int]]) -> defaultdict[Key, Tagging]:
    """How these subjects are tagged, in one query."""
    tags: defaultdict[Key, Tagging] = defaultdict(lambda: Tagging({}, {}, {}, {}))
    for kind, subject_id, place, tag, name, _ in db.session.execute(
        _ALL_TAGS, {kind: ids.get(kind, []) for kind in _ROWS}
    ):
        getattr(tags[kind, subject_id], place)[tag] = name
    return tags


Tags = Mapping[Key, Tagging]
Loader = Callable[[Viewer, Sequence[int], Tags], Iterator[SubjectRow]]


def _post_rows(viewer: Viewer, ids: Sequence[int], tags: Tags) -> Iterator[SubjectRow]:
    found = (
        select(Post.kind, Post.id, Post.title, Post.gist, Post.language, Post.country, Post.published_at)
        .add_columns(
            QUESTION.c.answer_count,
            QUESTION.c.accepted_answer_id,
            QUESTION.c.closed_at,
            IDEA.c.stage,
            Group.name,
            Group.is_private,
        )
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(User, User.id == Post.author_id)
        .join(Group, Group.id == Post.group_id)
        .outerjoin(QUESTION, QUESTION.c.id == Post.id)
        .outerjoin(IDEA, IDEA.c.id == Post.id)
        .where(Post.id.in_(ids), is_visible(viewer))
    )
    for row in db.session.execute(found):
        kind, post_id, title, gist, language, country, written_at, *rest = row
        answers, accepted, closed_at, stage, group, is_private, *author = rest
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
            facts={
                "answers": answers,
                "is_answered": accepted is not None,
                "is_closed": closed_at is not None,
                "is_archived": stage == ARCHIVED,
                "group": group if is_private else None,
            },
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


_TAG_TABLES: tuple[tuple[Kind, str, str, FromClause, type[Topic] | type[Role]], ...] = (
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
    ("person", "person_id", "topics", PersonField.__table__, Topic),
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
    writers = writing_now(literal("idea"), CoAuthor.idea_id, literal("co_authors"), among="idea")
    every = union_all(*parts, writers).subquery()
    return select(every).order_by(every.c.position, every.c.tag)


_ALL_TAGS = _all_tags()
_ROWS: Mapping[Kind, Loader] = {
    "idea": _post_rows,
    "question": _post_rows,
    "nugget": _nugget_rows,
    "resource": _resource_rows,
    "person": _person_rows,
}
