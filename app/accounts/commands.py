"""Register, sign in and out, end sessions, change a password or a profile, promote."""

from __future__ import annotations

import re
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
from app.accounts.queries import confirmation_token, find_person, is_name_taken, person_to_confirm, token_digest
from app.database import db, now, transaction
from app.mail.commands import UnmailableAddress, letter, queue_mail, wanted_if
from app.mail.queries import mail_named, mails_to
from app.refusals import Conflict, Refusal, Unfit, require
from app.taxonomy.queries import roles_named, topics_named

SESSION_LIFE = timedelta(days=30)
CONFIRMATION, CONFIRMATION_PATH = "confirmation", "/me/mail/confirmations/"
CONFIRMATIONS_WITHIN = timedelta(hours=6)
MOST_CONFIRMATIONS = 3
"""To one address within that time."""
hasher = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class NameTaken(Conflict):
    """Someone else has this name."""


class WrongCredentials(Refusal):
    """Says nothing of which of the two was wrong."""

    status = 422


class WrongPassword(Refusal):
    """Who asks for a new password did not know the present one."""

    status = 422


def register(
    *, name: str, display_name: str, email: str | None, password: str, is_here_to_answer: bool = False
) -> User:
    """Open an account. Raises NameTaken. Names are public; the address is not, so it is neither compared nor shown."""
    password_hash = hasher.hash(password)
    person = User(
        name=name.lower(),
        display_name=display_name,
        email=email.lower() if email else None,
        password_hash=password_hash,
        languages=["en"],
        is_here_to_answer=is_here_to_answer,
    )
    with transaction():
        if is_name_taken(name):
            raise NameTaken(_("This name is taken. Try another."))
        _add_under_new_name(person)
        person_registered.send(person)
        send_confirmation(person)
    return person


def change_email(person: User, *, by: User, email: str) -> None:
    """No mail goes to the new address until the person has confirmed it."""
    require(can_edit_profile(by, person))
    with transaction(is_shown=False):
        if email.lower() != (person.email or ""):
            person.email, person.email_confirmed_at = email.lower() or None, None
            send_confirmation(person)


def send_confirmation(person: User) -> bool:
    """A mail with the link that confirms the address; no more than a few, since it may be somebody else's. Returns
    whether one is sent. Raises Unfit for an address from before those were refused that no mail can be sent to."""
    recently = now() - CONFIRMATIONS_WITHIN
    with transaction(is_shown=False):
        if not person.email or person.email_confirmed_at:
            return False
        if mails_to(person.email, purpose=CONFIRMATION, since=recently) >= MOST_CONFIRMATIONS:
            return False
        path = f"{CONFIRMATION_PATH}{confirmation_token(person)}"
        subject = _("Confirm your e-mail address")
        said = letter("accounts/confirmation_mail", subject=subject, name=person.name, path=path)
        try:
            queue_mail(said, to=person.email, purpose=CONFIRMATION)
        except UnmailableAddress:
            raise Unfit(
                _("No mail of ours reaches your address: before the @, only plain letters (a to z) work. Give another.")
            ) from None
    return True


@wanted_if(CONFIRMATION)
def is_link_alive(mail_id: int) -> bool:
    """Whether a link that waits to be sent could still confirm something."""
    path = re.search(rf"{CONFIRMATION_PATH}(\S+)", mail_named(mail_id).text)
    try:
        return path is not None and person_to_confirm(path[1]).email_confirmed_at is None
    except Refusal:
        return False


def confirm_email(person: User) -> None:
    """By whoever holds the link that was sent to the address."""
    with transaction():
        person.email_confirmed_at = person.email_confirmed_at or now()


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
    asks_a_week: int,
    is_for_groups_only: bool,
) -> None:
    """Keep what a new member answered on the welcome page."""
    with transaction():
        person.roles, person.topics = roles_named(roles), topics_named(topics)
        person.languages, person.country = list(languages), country
        person.asks_a_week, person.is_for_groups_only = asks_a_week, is_for_groups_only
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
    asks_a_week: int,
    is_for_groups_only: bool,
    is_here_to_answer: bool,
    links: Sequence[str],
) -> None:
    require(can_edit_profile(by, person))
    with transaction():
        person.display_name = display_name
        person.roles, person.topics = roles_named(roles), topics_named(topics)
        person.languages, person.country, person.organisation = list(languages), country, organisation
        person.about, person.offers, person.links = about, offers, list(links)
        person.is_here_to_answer = is_here_to_answer
        person.asks_a_week, person.is_for_groups_only = asks_a_week, is_for_groups_only
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
