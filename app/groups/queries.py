"""Which groups a viewer may see and write in."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, exists, or_, select

from app.accounts.models import User, Viewer
from app.database import db
from app.groups.models import CHALLENGE_GROUP, Group, Membership
from app.refusals import NotThere


def visible_group_ids(viewer: Viewer) -> Select[int]:
    """Ids of the groups whose posts the viewer may know of; every query over posts is limited by it."""
    groups = select(Group.id)
    if viewer.is_moderator:
        return groups
    return groups.where(or_(Group.is_private.is_(False), Group.id.in_(_joined(viewer))))


def sees_group(group_id: SQLColumnExpression[int]) -> ColumnElement[bool]:
    """Whether a `User` may know of the posts of a group: as `visible_group_ids`, asked of many people at once."""
    is_public = exists().where(Group.id == group_id, Group.is_private.is_(False))
    is_in_it = exists().where(Membership.group_id == group_id, Membership.user_id == User.id)
    return or_(User.is_moderator, is_public, is_in_it)


def groups_to_write_in(viewer: Viewer) -> Sequence[Group]:
    return db.session.scalars(
        select(Group).where(Group.id.in_(_joined(viewer))).order_by(Group.is_private, Group.name)
    ).all()


def is_member(viewer: Viewer, group_id: int) -> bool:
    return db.session.scalar(_joined(viewer).where(Membership.group_id == group_id)) is not None


def is_listed_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whether a person agreed to be asked, and by people such as the viewer; every list of people starts here."""
    return is_listed_in(visible_group_ids(viewer))


def is_listed_in(group_ids: Select[int] | Collection[int]) -> ColumnElement[bool]:
    """Whether a person agreed to be asked by whoever sees these groups."""
    return and_(User.kind != "imported", User.may_be_asked, _is_open_in(group_ids))


def is_open_to(viewer: Viewer) -> ColumnElement[bool]:
    """Whether the viewer may read what a person's profile says: their roles, topics and country too."""
    return or_(User.id == viewer.id, _is_open_in(visible_group_ids(viewer)))


def is_profile_open(viewer: Viewer, person: User) -> bool:
    """As `is_open_to`, of one person."""
    if viewer.id == person.id or not person.is_for_groups_only:
        return True
    open_to = select(User.id).where(User.id == person.id, is_open_to(viewer))
    return db.session.scalar(open_to) is not None


def is_tutor_of(viewer: Viewer, person: User) -> bool:
    """Of a group that the person belongs to."""
    shared = _joined(viewer).where(Membership.is_tutor, Membership.group_id.in_(_joined(person)))
    return db.session.scalar(shared) is not None


def is_tutor(viewer: Viewer) -> bool:
    """Of any group."""
    return bool(db.session.scalar(select(exists().where(Membership.user_id == viewer.id, Membership.is_tutor))))


def is_tutor_in(person_id: Any, group_id: Any) -> ColumnElement[bool]:
    """Whether the person of this id looks after the group of this id."""
    return exists().where(Membership.user_id == person_id, Membership.group_id == group_id, Membership.is_tutor)


def challenge_group() -> Group:
    return group_named(CHALLENGE_GROUP)


def group_named(slug: str) -> Group:
    """Raises NotThere."""
    group = db.session.scalar(select(Group).where(Group.slug == slug))
    if group is None:
        raise NotThere("There is no group of this name.")
    return group


def _is_open_in(group_ids: Select[int] | Collection[int]) -> ColumnElement[bool]:
    private = exists().where(
        Membership.user_id == User.id,
        Membership.group_id == Group.id,
        Group.is_private,
        Group.id.in_(group_ids),
    )
    return or_(User.is_for_groups_only.is_(False), private)


def _joined(viewer: Viewer) -> Select[int]:
    return select(Membership.group_id).where(Membership.user_id == viewer.id)
