"""Find people and their sessions."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import Select, func, select

from app.accounts.models import User, UserSession
from app.database import db, now
from app.refusals import Gone, NotThere

CONFIRMATION_LIFE = timedelta(days=3)
DIGEST_LENGTH = 16
"""Characters of the digest of an address in a link: enough beside the signature, and short enough for mails."""


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


def confirmation_token(person: User) -> str:
    """Whoever holds it reads what comes to the address that the person has now."""
    return _confirmations().dumps([person.id, token_digest(person.email or "")[:DIGEST_LENGTH]])


def person_to_confirm(token: str) -> User:
    """Raises NotThere for what we did not write or is of another address by now, and Gone after some days."""
    try:
        person_id, digest = _confirmations().loads(token, max_age=int(CONFIRMATION_LIFE.total_seconds()))
    except SignatureExpired:
        raise Gone(_("This link is too old. Sign in and ask for a new one under Profile and settings.")) from None
    except BadData:
        raise NotThere(_("This link is not complete. Copy all of it from the mail.")) from None
    person = db.session.get(User, person_id)
    if person is None or not person.email or token_digest(person.email)[:DIGEST_LENGTH] != digest:
        raise NotThere(_("This link is of an address that the account does not have any more."))
    return person


def _confirmations() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.config["SECRET_KEY"], salt="confirm an address")


def find_person(typed: str) -> User | None:
    return db.session.scalar(select(User).where(User.name == short_name(typed)))


def short_name(typed: str) -> str:
    """A name as it is stored, however somebody types it: `@Ama ` is `ama`."""
    return typed.strip().removeprefix("@").lower()


def person_named(name: str) -> User:
    """Raises NotThere."""
    person = find_person(name)
    if person is None:
        raise NotThere("There is no person of this name.")
    return person


def is_name_taken(name: str) -> bool:
    return find_person(name) is not None


def names_among(names: Collection[str]) -> set[str]:
    """Those of these short names that somebody has."""
    return set(db.session.scalars(select(User.name).where(User.name.in_(names))))


def people() -> Select[User]:
    """Everyone with an account of their own or an invented one; authors of imported texts are not listed."""
    return select(User).where(User.kind != "imported").order_by(func.lower(User.display_name), User.id)


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
