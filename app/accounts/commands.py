"""Register, sign in and out, end sessions, change a password or a profile, promote."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import session as cookie
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from sqlalchemy import delete, or_
from sqlalchemy.exc import IntegrityError

from app.accounts.events import person_registered, profile_changed
from app.accounts.models import User, UserSession
from app.accounts.policy import can_edit_profile, can_end_sessions_of
from app.accounts.queries import find_person, is_name_taken, token_digest
from app.database import db, now, transaction
from app.refusals import Conflict, Refusal, require
from app.taxonomy.queries import roles_named, topics_named

SESSION_LIFE = timedelta(days=30)
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class NameTaken(Conflict):
    """Someone else has this name."""


class WrongCredentials(Refusal):
    """Says nothing of which of the two was wrong."""

    status = 422


class WrongPassword(Refusal):
    """Who asks for a new password did not know the present one."""

    status = 422


def register(*, name: str, display_name: str, email: str | None, password: str) -> User:
    """Open an account. Raises NameTaken. Names are public; the address is not, so it is neither compared nor shown."""
    password_hash = hasher.hash(password)
    person = User(
        name=name.lower(),
        display_name=display_name,
        email=email.lower() if email else None,
        password_hash=password_hash,
        languages=["en"],
    )
    with transaction():
        if is_name_taken(name):
            raise NameTaken(_("This name is taken. Try another."))
        _add_under_new_name(person)
        person_registered.send(person)
    return person


def sign_in(*, name: str, password: str) -> User:
    """Raises WrongCredentials, after the same work whether or not the person exists."""
    person = find_person(name)
    known_hash = person.password_hash if person else None
    if not _is_password(known_hash or _unknown_hash(), password) or person is None or known_hash is None:
        raise WrongCredentials(_("That name and password do not match an account."))
    open_session(person)
    return person


def open_session(person: User) -> None:
    """Sign the person in on this device: a new session row and a new cookie, in place of whatever this device had."""
    token = secrets.token_urlsafe(32)
    before = token_digest(cookie.get("_user_id") or "")
    with transaction(is_shown=False):
        ended = or_(UserSession.expires_at < now(), UserSession.token_digest == before)
        db.session.execute(delete(UserSession).where(ended))
        db.session.add(
            UserSession(token_digest=token_digest(token), user_id=person.id, expires_at=now() + SESSION_LIFE)
        )
    cookie.clear()
    person.session_token = token
    login_user(person)
    cookie.permanent = True


def sign_out(person: User) -> None:
    """End this device's session; its cookie is refused from now on."""
    here = token_digest(person.session_token or "")
    with transaction(is_shown=False):
        db.session.execute(delete(UserSession).where(UserSession.token_digest == here))
    logout_user()
    cookie.clear()


def end_session(person: User, *, by: User, digest: str) -> None:
    """Sign one device of the person out; a session that is not theirs or is gone already changes nothing."""
    require(can_end_sessions_of(by, person))
    with transaction(is_shown=False):
        db.session.execute(
            delete(UserSession).where(UserSession.user_id == person.id, UserSession.token_digest == digest)
        )


def end_other_sessions(person: User, *, by: User) -> None:
    """Sign the person out everywhere but on this device."""
    require(can_end_sessions_of(by, person))
    here = token_digest(by.session_token or "")
    with transaction(is_shown=False):
        db.session.execute(
            delete(UserSession).where(UserSession.user_id == person.id, UserSession.token_digest != here)
        )


def change_password(person: User, *, present: str, new: str) -> None:
    """Raises WrongPassword. Ends every session of the person and opens a new one on this device."""
    if person.password_hash is None or not _is_password(person.password_hash, present):
        raise WrongPassword(_("This is not your present password."))
    password_hash = hasher.hash(new)
    with transaction():
        person.password_hash = password_hash
        db.session.execute(delete(UserSession).where(UserSession.user_id == person.id))
        open_session(person)


def introduce(
    person: User,
    *,
    roles: Iterable[str],
    topics: Iterable[str],
    languages: Sequence[str],
    country: str | None,
    may_be_asked: bool,
) -> None:
    """Keep what a new member answered on the welcome page."""
    with transaction():
        person.roles, person.topics = roles_named(roles), topics_named(topics)
        person.languages, person.country = list(languages), country
        person.may_be_asked = may_be_asked
        profile_changed.send(person)


def change_profile(
    person: User,
    *,
    by: User,
    display_name: str,
    roles: Iterable[str],
    topics: Iterable[str],
    languages: Sequence[str],
    country: str | None,
    organisation: str,
    about: str,
    offers: str,
    may_be_asked: bool,
    links: Sequence[str],
) -> None:
    require(can_edit_profile(by, person))
    with transaction():
        person.display_name = display_name
        person.roles, person.topics = roles_named(roles), topics_named(topics)
        person.languages, person.country, person.organisation = list(languages), country, organisation
        person.about, person.offers, person.links = about, offers, list(links)
        person.may_be_asked = may_be_asked
        profile_changed.send(person)


def promote(person: User, *, moderator: bool = False, admin: bool = False) -> None:
    with transaction():
        person.is_moderator = person.is_moderator or moderator or admin
        person.is_admin = person.is_admin or admin


def _add_under_new_name(person: User) -> None:
    """Two people may choose one name at the same moment; the database lets one of them have it."""
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError:
        raise NameTaken(_("This name is taken. Try another.")) from None


def _is_password(password_hash: str, password: str) -> bool:
    try:
        return hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _unknown_hash() -> str:
    """What an unknown person's password is compared with, so that the answer takes as long."""
    return hasher.hash(secrets.token_hex(16))
