"""Find people and their sessions."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select

from app.accounts.models import User, UserSession
from app.database import db, now
from app.refusals import NotThere


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def person_of_session(token: str) -> User | None:
    """The person whose session this token opens; None when it was ended or has expired."""
    open_sessions = select(UserSession.user_id).where(
        UserSession.token_digest == token_digest(token), UserSession.expires_at > now()
    )
    person = db.session.scalar(select(User).where(User.id == open_sessions.scalar_subquery()))
    if person is not None:
        person.session_token = token
    return person


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


def people() -> Select[tuple[User]]:
    """Everyone with an account of their own or an invented one; authors of imported texts are not listed."""
    return select(User).where(User.kind != "imported").order_by(User.display_name, User.id)


def people_who_may_be_asked() -> Select[tuple[User]]:
    return people().where(User.may_be_asked)


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


