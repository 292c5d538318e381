"""Find people and their sessions."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, String, Table, and_, cast, exists, func, or_, select
from sqlalchemy.orm import selectinload

from app.accounts.models import User, UserSession, user_role, user_topic
from app.database import db, now
from app.refusals import NotThere
from app.taxonomy.models import Role, Topic


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def person_of_session(token: str) -> User | None:
    """The person whose session this token opens; None when it was ended or has expired."""
    its_person = select(UserSession.user_id).where(
        UserSession.token_digest == token_digest(token), UserSession.expires_at > now()
    )
    person = db.session.scalar(select(User).where(User.id == its_person.scalar_subquery()))
    if person is not None:
        person.session_token = token
    return person


def open_sessions(person: User) -> Sequence[OpenSession]:
    """Where the person is signed in, newest first."""
    found = db.session.execute(
        select(UserSession.token_digest, UserSession.created_at, UserSession.expires_at)
        .where(UserSession.user_id == person.id, UserSession.expires_at > now())
        .order_by(UserSession.created_at.desc(), UserSession.token_digest)
    )
    here = token_digest(person.session_token or "")
    return [OpenSession(*row, is_this_device=row.token_digest == here) for row in found]


@dataclass(frozen=True)
class OpenSession:
    """One device on which a person is signed in."""

    token_digest: str
    created_at: datetime
    expires_at: datetime
    is_this_device: bool


def find_person(name: str) -> User | None:
    return db.session.scalar(select(User).where(User.name == name.strip().lower()))


def person_named(name: str) -> User:
    """Raises NotThere."""
    person = find_person(name)
    if person is None:
        raise NotThere("There is no person of this name.")
    return person


def is_name_taken(name: str) -> bool:
    return find_person(name) is not None


def people() -> Select[User]:
    """Everyone with an account of their own or an invented one; authors of imported texts are not listed."""
    return select(User).where(User.kind != "imported").order_by(func.lower(User.display_name), User.id)


def people_who_may_be_asked() -> Select[User]:
    return people().where(User.may_be_asked)


@dataclass(frozen=True)
class Narrowing:
    """What a reader of the directory asks for: any of the values of a facet, in every facet that has some."""

    roles: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    country: str = ""
    language: str = ""

    def arguments(self, *, without: tuple[str, str] = ("", "")) -> dict[str, list[str]]:
        """As in an address; `without` leaves one value of a facet out."""
        facets = {"role": self.roles, "topic": self.topics, "country": [self.country], "language": [self.language]}
        return {
            facet: [value for value in values if value and (facet, value) != without]
            for facet, values in facets.items()
        }

    def conditions(self, *, without: str = "") -> list[ColumnElement[bool]]:
        """As SQL; `without` leaves one facet out, to count what its other values would give."""
        spoken = cast(User.languages, String).contains(f'"{self.language}"', autoescape=True)
        named = {
            "role": _has_any(user_role, user_role.c.role_id, self.roles) if self.roles else None,
            "topic": _has_any(user_topic, user_topic.c.topic_id, self.topics) if self.topics else None,
            "country": User.country == self.country if self.country else None,
            "language": spoken if self.language else None,
        }
        return [condition for facet, condition in named.items() if condition is not None and facet != without]


def directory(narrowing: Narrowing, *, limit: int, offset: int) -> tuple[Sequence[User], int]:
    """The people who agreed to be asked, with their roles, and how many there are on all pages; two queries."""
    total = func.count().over().label("total")
    listed = people_who_may_be_asked().where(*narrowing.conditions()).add_columns(total)
    found = db.session.execute(listed.options(selectinload(User.roles)).limit(limit).offset(offset)).all()
    return [row[0] for row in found], found[0].total if found else 0


@dataclass(frozen=True)
class FacetValue:
    """One value of a facet and how many people have it."""

    id: str
    name: str
    count: int


def role_facet(narrowing: Narrowing) -> list[FacetValue]:
    return _tag_facet(Role, user_role, user_role.c.role_id, narrowing.conditions(without="role"), narrowing.roles)


def topic_facet(narrowing: Narrowing) -> list[FacetValue]:
    return _tag_facet(Topic, user_topic, user_topic.c.topic_id, narrowing.conditions(without="topic"), narrowing.topics)


def country_facet(narrowing: Narrowing) -> Counter[str]:
    """How many people say that they live where; code to count."""
    counted = select(User.country, func.count()).where(_is_listed(), *narrowing.conditions(without="country"))
    found = db.session.execute(counted.where(User.country.is_not(None)).group_by(User.country))
    return Counter({str(code): count for code, count in found})


def language_facet(narrowing: Narrowing) -> Counter[str]:
    """How many people read each language; code to count."""
    spoken = cast(User.languages, String)
    counted = select(spoken, func.count()).where(_is_listed(), *narrowing.conditions(without="language"))
    totals: Counter[str] = Counter()
    for codes, count in db.session.execute(counted.group_by(spoken)):
        totals.update(dict.fromkeys(json.loads(codes), count))
    return totals


def _is_listed() -> ColumnElement[bool]:
    return and_(User.kind != "imported", User.may_be_asked)


def _has_any(table: Table, column: ColumnElement[str], ids: Sequence[str]) -> ColumnElement[bool]:
    return exists().where(table.c.user_id == User.id, column.in_(ids))


def _tag_facet(
    model: type[Role] | type[Topic],
    table: Table,
    column: ColumnElement[str],
    conditions: list[ColumnElement[bool]],
    chosen: Sequence[str],
) -> list[FacetValue]:
    """The tags that someone listed has, and those chosen, in their order."""
    counted = (
        select(column.label("id"), func.count().label("count"))
        .select_from(table)
        .join(User, User.id == table.c.user_id)
        .where(_is_listed(), *conditions)
        .group_by(column)
        .subquery()
    )
    count = func.coalesce(counted.c.count, 0)
    tags = select(model.id, model.name, count).outerjoin(counted, counted.c.id == model.id)
    found = db.session.execute(tags.where(or_(count > 0, model.id.in_(chosen))).order_by(model.position, model.id))
    return [FacetValue(*row) for row in found]


@dataclass(frozen=True)
class Author:
    """What a page shows of whoever wrote a text."""

    id: int
    name: str
    display_name: str
    kind: str

    @property
    def is_demo(self) -> bool:
        return self.kind == "demo"

    @property
    def is_imported(self) -> bool:
        return self.kind == "imported"

    @property
    def can_sign_in(self) -> bool:
        return self.kind == "member"
