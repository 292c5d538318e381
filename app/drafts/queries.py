"""Drafts as their writers find them again, and as others read them; nobody else knows that there are any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from app.accounts.models import User, Viewer
from app.accounts.queries import Author, short_name
from app.database import db
from app.drafts.models import KINDS, SENT, Draft, DraftReader, DraftVersion, Place
from app.forum.models import Post
from app.forum.queries import address_of, is_visible, visible_post
from app.groups.queries import sees_group
from app.refusals import Gone, NotThere

IS_UNSENT = Draft.kind != SENT


class SentDraft(Gone):
    """The form with its key was sent."""

    def __init__(self) -> None:
        super().__init__(_("This text was sent already, so it is a draft no more."))


@dataclass(frozen=True)
class PostNamed:
    """What a draft would change, answer or remark on."""

    kind: str
    id: int
    title: str

    @property
    def address(self) -> str:
        return address_of(self.kind, self.id, self.title)


@dataclass(frozen=True)
class DraftRow:
    """One draft in a list."""

    token: str
    kind: str
    title: str
    saved_at: datetime
    version: int
    place: Place
    post: PostNamed | None
    """None also where it cannot be seen any more."""
    author: Author
    readers: list[Author] = field(default_factory=list)

    @property
    def kind_name(self) -> str:
        is_reply = self.kind == "comment" and self.place.comment_id
        return _("Reply") if is_reply else str(KINDS[self.kind].name)

    @property
    def continue_address(self) -> str | None:
        """Of the form, with the draft in it; None where there is no such form any more."""
        if self.place.post_id and self.post is None:
            return None
        if self.place.form_address:
            return f"{self.place.form_address}?{urlencode({'draft': self.token})}"
        assert self.post is not None
        return f"{self.post.address}?{urlencode({'draft': self.token})}#{self._anchor}"

    @property
    def _anchor(self) -> str:
        if self.kind == "answer":
            return "answers"
        return f"answer-{self.place.answer_id}" if self.place.answer_id else "comments"


def drafts_of(person: User) -> list[DraftRow]:
    """All that the person writes, the one saved last first, with those who may read them; two queries."""
    rows = _rows(person, Draft.person_id == person.id)
    named = (
        select(Draft.token)
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .join(DraftReader, DraftReader.draft_id == Draft.id)
        .join(User, User.id == DraftReader.person_id)
        .where(Draft.person_id == person.id)
        .order_by(DraftReader.shared_at, User.id)
    )
    by_token = {row.token: row for row in rows}
    for token, *reader in db.session.execute(named):
        by_token[token].readers.append(Author(*reader))
    return rows


def drafts_shared_with(person: User) -> list[DraftRow]:
    """What others let the person read; one query."""
    return _rows(person, is_shared_with(person))


def drafts_at(person: User, place: Place) -> list[DraftRow]:
    """What the person has begun in this form; one query."""
    return _rows(person, and_(Draft.person_id == person.id, Draft.place == str(place)))


def drafts_on(person: User, post_id: int) -> list[DraftRow]:
    """What the person has begun about a post; one query."""
    return _rows(person, and_(Draft.person_id == person.id, Draft.post_id == post_id))


def draft_row(viewer: User, draft: Draft) -> DraftRow:
    """One that the viewer may read, as lists show it. Raises SentDraft when it was sent since it was read."""
    rows = _rows(viewer, Draft.id == draft.id)
    if not rows:
        raise SentDraft
    return rows[0]


def draft_count(person: User) -> int:
    return db.session.scalar(select(func.count()).where(Draft.person_id == person.id, IS_UNSENT)) or 0


def own_draft(person: Viewer, token: str) -> Draft:
    """Raises NotThere."""
    return _the_draft(Draft.token == token, Draft.person_id == person.id)


def readable_draft(viewer: Viewer, token: str) -> Draft:
    """One's own, or one that its writer shares. Raises NotThere."""
    return _the_draft(Draft.token == token, or_(Draft.person_id == viewer.id, is_shared_with(viewer)))


def post_of_sent(viewer: Viewer, token: str) -> Post | None:
    """What a draft that the viewer wrote, or that was shared with them, became or was about once it was sent; None for
    any other. Raises Gone where they may not see it, else what `visible_post` does."""
    named = exists().where(DraftReader.draft_id == Draft.id, DraftReader.person_id == viewer.id)
    sent = select(Draft.post_id).where(Draft.token == token, ~IS_UNSENT, or_(Draft.person_id == viewer.id, named))
    found = db.session.execute(sent).one_or_none()
    if found is None:
        return None
    try:
        return visible_post(viewer, found.post_id or 0)
    except NotThere:
        raise Gone(_("This draft was sent, so it is a draft no more. What became of it is not open to you.")) from None


def draft_with_key(person: User, key: str) -> Draft | None:
    """As it is now."""
    own = select(Draft).where(Draft.person_id == person.id, Draft.key == key, IS_UNSENT)
    return db.session.scalar(own.execution_options(populate_existing=True))


@dataclass(frozen=True)
class Begun:
    """A draft that goes on in its form."""

    place: Place
    key: str
    version: int
    saved_at: datetime
    fields: list[tuple[str, str]]


def begun_draft(person: Viewer, token: str) -> Begun | None:
    """The person's own, as it reads now; one query."""
    newest = and_(DraftVersion.draft_id == Draft.id, DraftVersion.number == Draft.version)
    found = db.session.execute(
        select(Draft.place, Draft.key, Draft.version, Draft.saved_at, DraftVersion.fields)
        .join(DraftVersion, newest)
        .where(Draft.token == token, Draft.person_id == person.id)
    ).one_or_none()
    place = Place.named(found.place) if found else None
    if found is None or place is None:
        return None
    return Begun(place, found.key, found.version, found.saved_at, [(name, value) for name, value in found.fields])


def version_of(draft: Draft, number: int) -> DraftVersion:
    """Raises NotThere."""
    versions = select(DraftVersion).where(DraftVersion.draft_id == draft.id, DraftVersion.number == number)
    version = db.session.scalar(versions.execution_options(populate_existing=True))
    if version is None:
        raise NotThere(_("This version of the draft is not kept any more."))
    return version


@dataclass(frozen=True)
class VersionRow:
    number: int
    saved_at: datetime
    size: int


def versions_of(draft: Draft) -> list[VersionRow]:
    """Newest first; their texts are not read."""
    columns = (DraftVersion.number, DraftVersion.saved_at, DraftVersion.size)
    versions = select(*columns).where(DraftVersion.draft_id == draft.id).order_by(DraftVersion.number.desc())
    return [VersionRow(*row) for row in db.session.execute(versions)]


def readers_of(draft: Draft) -> Sequence[DraftReader]:
    """In the order in which they were named."""
    readers = select(DraftReader).where(DraftReader.draft_id == draft.id).options(joinedload(DraftReader.person))
    return db.session.scalars(readers.order_by(DraftReader.shared_at, DraftReader.person_id)).all()


def readers_named(names: Sequence[str], draft: Draft) -> tuple[list[User], list[str]]:
    """Those who can sign in and see what the draft is about, in the order of their names here, and the names of nobody
    such; one query. A name is a short one, several of them side by side, or a shown one that only one of them has."""
    wanted = list(dict.fromkeys(" ".join(name.split()) for name in names))
    short = {short_name(word) for name in wanted for word in name.split()}
    members = select(User).where(or_(User.name.in_(short), User.display_name.in_(wanted)), User.kind == "member")
    if draft.post_id:
        members = members.where(sees_group(select(Post.group_id).where(Post.id == draft.post_id).scalar_subquery()))
    found = db.session.scalars(members).all()
    people, unknown = dict[int, User](), list[str]()
    for name in wanted:
        named = _people_of(name, found)
        people |= {person.id: person for person in named}
        if not named:
            unknown.append(name)
    return list(people.values()), unknown


def _people_of(name: str, found: Sequence[User]) -> list[User]:
    by_short_name = {person.name: person for person in found}
    if person := by_short_name.get(short_name(name)):
        return [person]
    shown_so = [person for person in found if person.display_name == name]
    if len(shown_so) == 1:
        return shown_so
    several = [by_short_name.get(short_name(word)) for word in name.split()]
    return [person for person in several if person] if all(several) else []


def is_shared_with(viewer: Viewer) -> ColumnElement[bool]:
    """Of a draft, as long as the viewer sees what it is about."""
    named = exists().where(DraftReader.draft_id == Draft.id, DraftReader.person_id == viewer.id)
    seen = exists().where(Post.id == Draft.post_id, is_visible(viewer)).correlate(Draft)
    return and_(named, or_(Draft.post_id.is_(None), seen))


def _the_draft(*conditions: ColumnElement[bool]) -> Draft:
    draft = db.session.scalar(select(Draft).where(IS_UNSENT, *conditions).options(joinedload(Draft.person)))
    if draft is None:
        raise NotThere(_("There is nothing at this address."))
    return draft


def _rows(viewer: User, condition: ColumnElement[bool]) -> list[DraftRow]:
    return [_row(*found) for found in db.session.execute(_listed(viewer).where(condition))]


def _listed(viewer: User) -> Select[Any]:
    """What a list shows; of posts only those that the viewer may see."""
    shown_post = and_(Post.id == Draft.post_id, is_visible(viewer))
    return (
        select(Draft.token, Draft.kind, Draft.title, Draft.saved_at, Draft.version, Draft.place)
        .add_columns(Post.kind, Post.id, Post.title)
        .add_columns(User.id, User.name, User.display_name, User.kind)
        .select_from(Draft)
        .join(User, User.id == Draft.person_id)
        .outerjoin(Post, shown_post)
        .where(IS_UNSENT)
        .order_by(Draft.saved_at.desc(), Draft.id.desc())
    )


def _row(token: str, kind: str, title: str, saved_at: datetime, version: int, place: str, *rest: Any) -> DraftRow:
    post = PostNamed(*rest[:3]) if rest[1] else None
    where = Place.named(place) or Place(kind)
    return DraftRow(token, kind, title, saved_at, version, where, post, Author(*rest[3:]))
